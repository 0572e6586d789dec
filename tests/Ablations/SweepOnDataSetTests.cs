using ZeroI2V.Lab.Ablations;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Notebooks;
using ZeroI2V.Lab.Reporting;
using ZeroI2V.Lab.Stdha;
using ZeroI2V.Lab.Tests.CommandLine;
using ZeroI2V.Lab.Tests.DataSets;
using ZeroI2V.Lab.Tests.Notebooks;
using ZeroI2V.Lab.VideoData;
using ZeroI2V.Lab.VideoData.DataSets;
using ZeroI2V.Lab.VideoData.MicroWorld;

namespace ZeroI2V.Lab.Tests.Ablations;

/// <summary>A folder of tiny videos in Something-Something's form, imported, and an image model with CLIP's twelve heads.</summary>
public sealed class ImportedVideos : IDisposable
{
    private readonly MadeDataSet _made = new();

    public ImportedVideos()
    {
        Root = Path.GetDirectoryName(_made.Output)!;
        string Entries(string first, int count) => $"[{string.Join(",", Enumerable.Range(0, count).Select(i => $$"""{"id":"{{first}}{{i}}","label":"","template":"{{(i % 2 == 0 ? "Up" : "Down")}}","placeholders":[]}"""))}]";
        _made.Write("something-something-v2-labels.json", """{"Up": "0", "Down": "1"}""")
            .Write("something-something-v2-train.json", Entries("1", 6))
            .Write("something-something-v2-validation.json", Entries("2", 2));
        foreach (string name in (string[])["10", "11", "12", "13", "14", "15", "20", "21"])
            _made.Video($"{name}.mp4", size: "24x24");
        _made.Import("ssv2", split: 0, change: options => options with { Output = this["data/ssv2"] });
        // The same lists under another name: a data set with another recipe.
        Directory.CreateDirectory(this["data/kinetics400"]);
        foreach (string list in (string[])[DataImport.TrainList, DataImport.ValidationList])
            (ClipList.Load(this[$"data/ssv2/{list}"]) with { Videos = _made.Videos }).Save(this[$"data/kinetics400/{list}"]);
        using var image = new VisionTransformer(Tower);
        image.Save(this["image.safetensors"]);
    }

    internal static VitOptions Tower { get; } = new() { Width = 48, Layers = 1, Heads = 12, PatchSize = 8, Resolution = 16 };

    /// <summary>The sizes of that model, and few steps.</summary>
    internal static string[] Settings { get; } =
    [
        "recognizer.backbone.width=48", "recognizer.backbone.layers=1", "recognizer.backbone.mlpHidden=192", "recognizer.backbone.patchSize=8", "recognizer.backbone.resolution=16",
        "training.epochs=1", "training.batchSize=2", "training.warmUpEpochs=0",
        .. new[] { "training", "validation", "test" }.SelectMany(view => new[] { $"views.{view}.transform.shortSide=16", $"views.{view}.transform.cropSize=16" }),
    ];

    public string Root { get; }

    public string this[string path] => Path.Combine(Root, path);

    internal DataSetChoice Choice(string dataSet) => new(dataSet, this["image.safetensors"]) { Settings = Settings };

    internal SweepSource Source(string dataSet, MicroSize size = MicroSize.Small) => SweepSource.Of(Choice(dataSet), size, this["data"]);

    public void Dispose() => _made.Dispose();
}

[Collection(WorkingFolder.Name)]
public sealed class SweepOnDataSetTests(ImportedVideos videos) : IClassFixture<ImportedVideos>
{
    private SweepPlan Plan(string sweep, string dataSet, MicroSize size = MicroSize.Small) => SweepPlan.Make(SweepDefinition.Open(sweep), size, 1, videos.Source(dataSet), new RunStore(videos["planned"]));

    [Fact]
    public void Rows_are_those_of_the_image_models_heads_and_the_recipes_own_row_is_the_baseline()
    {
        SweepPlan ssv2 = Plan("head-split", "ssv2"), kinetics = Plan("head-split", "kinetics400");
        string[] paper = ["0", "1/2", "1", "2", "3", "4", "6", "12"];
        Assert.Equal([.. paper, "recipe: -1 +1 -2 +2"], ssv2.Runs.Select(run => run.Values[0]));
        Assert.Equal(paper, kinetics.Runs.Select(run => run.Values[0]));
        Assert.Equal(["temporal heads of 12"], ssv2.Definition.AxisNames());
        // With settings it is a sweep of its own.
        Assert.Matches("^head-split-ssv2-[0-9a-f]{6}$", ssv2.Definition.Name);
        Assert.Equal("recipe: -1 +1 -2 +2", ssv2.Definition.Baseline["temporal heads of 12"]);
        Assert.Equal("2", kinetics.Definition.Baseline["temporal heads of 12"]);
        Assert.Equal(Presets.ViTB16.Ssv2_16.Heads, ssv2.Runs[^1].Options.Recognizer.Heads);
        Assert.Equal(Presets.ViTB16.Kinetics400_8x16.Heads, kinetics.Runs[3].Options.Recognizer.Heads);
        // Heads have 4 channels: a half is one channel from before and one from after.
        Assert.Equal(HeadSplit.ChannelRanges(1, -1, 1), ssv2.Runs[1].Options.Recognizer.Heads);
        Assert.Equal(HeadSplit.ChannelRanges(6, -1, 1), ssv2.Runs[4].Options.Recognizer.Heads);
        Assert.All(ssv2.Runs, run => Assert.Equal((16, 1, 0.1), (run.Options.Recognizer.Frames, run.Options.Training.Epochs, run.Options.Training.LabelSmoothing)));

        Assert.Equal("-1 +1 -2 +2", Plan("delta-t", "ssv2").Definition.Baseline["offsets"]);
        Assert.Contains("-1 +1 -2 +2 -3 +3", Plan("delta-t", "ssv2").Definition.Values("offsets"));
        Assert.Equal("0.5", Plan("adapter-scale", "kinetics400").Definition.Baseline["scale"]);
        Assert.Equal("1", Plan("adapter-scale", "ssv2").Definition.Baseline["scale"]);
        HeadSplit shift = Plan("operation", "ssv2").Runs.First(run => run.Values[0] == "channel shift").Options.Recognizer.Heads;
        Assert.Equal(HeadSplit.ChannelShift(1, -1, 1, -2, 2), shift);
    }

    public static TheoryData<string> Names => [.. SweepDefinition.Names()];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_sweep_of_the_lab_fits_a_public_data_set_with_every_row_a_run_of_its_own(string name)
    {
        // The sweep's own epochs and batches give way to those that are given; nothing else of it does.
        SweepDefinition sweep = videos.Source("ssv2").Fit(SweepDefinition.Open(name));
        Assert.Equal(sweep.ToJson().ToJsonString(), videos.Source("ssv2").Fit(sweep).ToJson().ToJsonString());
        if (name is "few-shot")
            return; // sixteen clips of each class are not there
        SweepPlan plan = SweepPlan.Make(sweep, MicroSize.Quick, 1, videos.Source("ssv2"), new RunStore(videos["planned"]));
        // Chosen heads may be the same ones by chance.
        if (name != "which-heads")
            Assert.Equal(plan.Runs.Count, plan.Runs.Select(run => run.Folder).Distinct().Count());
        Assert.Contains(plan.Runs, run => run.Values.SequenceEqual(sweep.AxisNames().Select(axis => sweep.Baseline[axis])));
    }

    [Fact]
    public void Official_models_get_the_official_channels()
    {
        var vitB = HeadTerms.Of(Presets.ViTB16.Ssv2_16);
        Assert.Equal(64, (int)vitB.Settings(new() { ["recognizer.heads.channels"] = "1 head" }, "it")!["recognizer.heads.channels"]!);
        // shift_div 24 of 768 channels
        Assert.Equal(32, (int)vitB.Settings(new() { ["recognizer.heads.channels"] = "1/2 head" }, "it")!["recognizer.heads.channels"]!);
        Assert.Equal(96, (int)vitB.Settings(new() { ["recognizer.heads.channels"] = "1 1/2 heads" }, "it")!["recognizer.heads.channels"]!);
        Assert.Equal(5, (int)vitB.Settings(new() { ["recognizer.heads.channels"] = "about 1/{heads} head" }, "it")!["recognizer.heads.channels"]!);
        Assert.Equal("12 heads of 64, -1 +1 -2 +2", vitB.Words("{heads} heads of {channels}, {offsets}"));
    }

    [Fact]
    public void A_term_of_heads_that_cannot_be_had_is_an_error_that_names_it()
    {
        var terms = HeadTerms.Of(Presets.ViTB16.Ssv2_16);
        string Refused(string place, System.Text.Json.Nodes.JsonNode value) => Assert.Throws<ArgumentException>(() => terms.Settings(new() { [place] = value }, "The row 'x'")).Message;
        Assert.Contains("The row 'x' does not fit: 1/5 head is 12.8 of a head's 64 channels", Refused("recognizer.heads.channels", "1/5 head"), StringComparison.Ordinal);
        Assert.Contains("is 'half a head'; expected", Refused("recognizer.heads.channels", "half a head"), StringComparison.Ordinal);
        Assert.Contains("fewestHeads is \"six\"", Refused("fewestHeads", "six"), StringComparison.Ordinal);
        Assert.Contains("expected \"recipe\"", Refused("recognizer.heads.lowestByLayer", "receipt"), StringComparison.Ordinal);
        Assert.Contains("it asks for offsets of 13 heads; the image model has 12", Refused("recognizer.heads.lowestByLayer", new System.Text.Json.Nodes.JsonArray(new System.Text.Json.Nodes.JsonArray([.. Enumerable.Repeat(0, 13).Select(offset => (System.Text.Json.Nodes.JsonNode)offset)]))), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_wrong_with_a_public_data_set_is_said_at_once()
    {
        string Refused<T>(Func<DataSetChoice, DataSetChoice> change, string data = "data", MicroSize size = MicroSize.Small)
            where T : Exception => Assert.Throws<T>(() => SweepSource.Of(change(videos.Choice("ssv2")), size, videos[data])).Message;
        Assert.Contains("no manifest for 'ssv3'", Refused<ArgumentException>(choice => choice with { DataSet = "ssv3" }), StringComparison.Ordinal);
        Assert.Contains("lab data import hmdb51", Refused<FileNotFoundException>(choice => choice with { DataSet = "hmdb51" }), StringComparison.Ordinal);
        Assert.Contains("no file 'gone.pt'", Refused<ArgumentException>(choice => choice with { ImageModel = "gone.pt" }), StringComparison.Ordinal);
        Assert.Contains("no recipe 'best'", Refused<ArgumentException>(choice => choice with { Recipe = "best" }), StringComparison.Ordinal);
        Assert.Contains("large is one of the lab's own data", Refused<ArgumentException>(choice => choice, size: MicroSize.Large), StringComparison.Ordinal);
        Assert.Contains("has 48 channels, 1 layers, 12 heads", Refused<ArgumentException>(choice => choice with { Settings = [] }), StringComparison.Ordinal);
        Assert.Contains("traning.epochs", Refused<ArgumentException>(choice => choice with { Settings = [.. choice.Settings, "traning.epochs=1"] }), StringComparison.Ordinal);
        Directory.CreateDirectory(videos["moved/ssv2"]);
        foreach (string list in (string[])[DataImport.TrainList, DataImport.ValidationList])
            (ClipList.Load(videos[$"data/ssv2/{list}"]) with { Videos = videos["nowhere"] }).Save(videos[$"moved/ssv2/{list}"]);
        Assert.Contains("None of the videos of", Refused<FileNotFoundException>(choice => choice, data: "moved"), StringComparison.Ordinal);

        Assert.Contains("'0.25' and '0.5' are one run", Assert.Throws<ArgumentException>(() => SweepPlan.Make(
            SweepDefinition.Open("adapter-scale"), MicroSize.Small, 1, SweepSource.Of(videos.Choice("ssv2") with { Settings = [.. ImportedVideos.Settings, "recognizer.adapters.scale=3"] }, MicroSize.Small, videos["data"]), new RunStore(videos["planned"]))).Message, StringComparison.Ordinal);
        Assert.Contains("no data set that it is for", Assert.Throws<ArgumentException>(() => DataSetChoice.Of("", "ViT-B-16.pt", "", [])).Message, StringComparison.Ordinal);
        Assert.Contains("its data are ssv2", Assert.Throws<ArgumentException>(() => videos.Source("ssv2").Narrowed(SweepDefinition.Open("delta-t"), 0, ["micro-k400"])).Message, StringComparison.Ordinal);
        SweepDefinition fitted = videos.Source("ssv2").Fit(SweepDefinition.Open("delta-t"));
        Assert.Contains("give the data set 'ssv2'", Assert.Throws<ArgumentException>(() => SweepDefinitionTests.Source.Fit(fitted)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Processes_do_a_sweep_of_real_videos_and_the_store_shows_it()
    {
        string[] onData = ["--data-set", "ssv2", "--image", "image.safetensors", "--size", "quick", .. ImportedVideos.Settings.SelectMany(setting => new[] { "--set", setting })];
        File.WriteAllText(videos["toy.json"], """
            {
              "name": "toy", "question": "?", "data": ["micro-ssv2"],
              "axes": { "offsets": { "-1 +1": { "recognizer.heads.lowestByLayer": [[-1, 1]] }, "as published": { "asRecipe": true } } },
              "baseline": { "offsets": "-1 +1" },
              "sizes": { "quick": { "settings": { "training.epochs": 2 } } }
            }
            """);
        (int status, string output, string errors) = LabProgram.Run(videos.Root, ["sweep", "toy.json", "--seeds", "1", "--jobs", "2", .. onData]);
        Assert.True(status == 0, errors);
        Assert.Contains("Something-Something V2, size quick", output, StringComparison.Ordinal);

        var store = new RunStore(videos["runs"]);
        SweepResults results = SweepResults.Read(store, SweepRecord.All(store).Single(record => record.Sweep().Name.StartsWith("toy-ssv2-", StringComparison.Ordinal)));
        Assert.Equal((2, 2), (results.Done, results.Total));
        Assert.Equal("as published", results.Sweep.Baseline["offsets"]);
        Assert.All(results.Rows.SelectMany(row => row.Finished.Values), run => Assert.False(run.Result!.Synthetic));
        Assert.DoesNotContain("synthetic", SweepTables.Results(results, "ssv2").FullCaption, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("synthetic", SweepTables.Status(results).FullCaption, StringComparison.OrdinalIgnoreCase);
        // Asked for again it is read, not done.
        var call = new SweepCall(videos["toy.json"], MicroSize.Quick) { Seeds = 1, Folder = videos.Root, DataSet = "ssv2", ImageModel = videos["image.safetensors"], Settings = ImportedVideos.Settings };
        Assert.Equal(2, call.Do(train: false, cancellationToken: TestContext.Current.CancellationToken).Done);
        HeadImportance importance = call.Importance("ssv2");
        Assert.Equal((1, 12, 4), (importance.ByLayer.Count, importance.ByLayer[0].Count, importance.TemporalHeads));
        Assert.All(importance.ByLayer[0], value => Assert.True(value > 0));
        // Measured once; then it is read.
        string kept = Assert.Single(Directory.GetFiles(videos["runs/importance"]));
        File.WriteAllText(kept, File.ReadAllText(kept).Replace("\"byLayer\": [\n    [\n", "\"byLayer\": [\n    [\n      7,\n", StringComparison.Ordinal));
        Assert.Contains("1 layers of 12 heads. Remove it", Assert.Throws<InvalidDataException>(() => call.Importance("ssv2")).Message, StringComparison.Ordinal);
        File.Delete(kept);
        Assert.Equal(importance.ByLayer[0], call.Importance("ssv2").ByLayer[0]);
        Assert.Equal(importance.ByLayer[0], call.Importance("ssv2").ByLayer[0]);
        SweepReport.Write([results], videos["report"]);
        Assert.True(File.Exists(videos[$"report/{results.Sweep.Name}-quick-ssv2.md"]));
    }

    [Theory]
    [InlineData("05-head-splits", "1")]
    [InlineData("06-delta-t", "1")]
    [InlineData("07-adapter-placement", "1")]
    [InlineData("08-few-shot", "2")]
    [InlineData("09-methods", "1")]
    public async Task A_notebook_of_a_sweep_runs_on_a_public_data_set(string name, string seeds)
    {
        Directory.CreateDirectory(videos["bin"]);
        if (!Directory.Exists(videos["bin/lab"]))
            Directory.CreateSymbolicLink(videos["bin/lab"], AppContext.BaseDirectory);
        string notebook = videos[$"notebooks/{name}.ipynb"];
        Directory.CreateDirectory(videos["notebooks"]);
        File.Copy(Path.Combine(RepositoryRoot.Path, "notebooks", $"{name}.ipynb"), notebook, overwrite: true);
        var parameters = new Dictionary<string, string>
        {
            ["Size"] = "Quick", ["Seeds"] = seeds, ["Train"] = "true", ["DataSet"] = "ssv2", ["ImageModel"] = videos["image.safetensors"], ["Settings"] = string.Join(", ", ImportedVideos.Settings),
        };

        NotebookRunResult result = await NotebookRunner.RunAsync(notebook, new NotebookRunOptions { Parameters = parameters }, cancellationToken: TestContext.Current.CancellationToken);

        Assert.True(result.Error is null, result.Error?.Message);
        string text = File.ReadAllText(notebook);
        Assert.Contains("Something-Something V2, size quick", text, StringComparison.Ordinal);
        Assert.DoesNotContain("MicroSSv2, size", text, StringComparison.Ordinal);
    }
}
