using System.Text.Json;
using ZeroI2V.Lab.Ablations;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Checkpoints;
using ZeroI2V.Lab.Evaluation;
using ZeroI2V.Lab.Reporting;
using ZeroI2V.Lab.Tests.MicroWorld;
using ZeroI2V.Lab.Training;
using ZeroI2V.Lab.VideoData;
using ZeroI2V.Lab.VideoData.DataSets;

namespace ZeroI2V.Lab.Tests.Ablations;

public sealed class FirstLightTests(QuickData data) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_comparison_is_made_once_and_a_second_call_reads_the_same_numbers()
    {
        _ = (data.Clips, data.Stills);
        FirstLightOptions options = FirstLightOptions.Quick with { Data = data.Root, Models = _folder["models"], Runs = _folder["runs"] };

        FirstLightReport first = FirstLight.Run(options, cancellationToken: TestContext.Current.CancellationToken);
        FirstLightReport second = FirstLight.Run(options, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(FirstLightRow.All, first.Runs.Select(run => run.Row));
        Assert.All(first.Runs, run => Assert.False(run.Reused));
        Assert.All(second.Runs, run => Assert.True(run.Reused));
        Assert.True(second.ImageModel.Reused);
        Assert.Equal(first.Runs.Select(run => run.Folder), second.Runs.Select(run => run.Folder));
        Assert.Equal(first.Runs.Select(run => run.Result.Overall), second.Runs.Select(run => run.Result.Overall));
        Assert.All(first.Runs, run => Assert.Equal(options.Training.Epochs, run.Epochs.Count));

        // Frames and width of the temporal embedding are what the first row trains less than the others.
        long[] trained = [.. first.Runs.Select(run => run.TrainedParameters)];
        Assert.Equal(trained[1], trained[2]);
        Assert.Equal(trained[1] - (8 * options.ImageModel.Backbone.Width), trained[0]);

        string file = Path.Combine(first.Runs[2].Folder, "model.safetensors");
        using VideoRecognizer kept = VideoRecognizer.Open(file);
        Assert.Equal(FirstLightRow.Stdha.Heads, kept.Options.Heads);
        using JsonDocument provenance = JsonDocument.Parse(SafeTensors.ReadMetadata(file)["provenance"]);
        Assert.Equal(Surroundings.Here().Commit, provenance.RootElement.GetProperty("commit").GetString());
    }

    [Fact]
    public void The_same_rows_are_trained_on_the_lists_of_a_public_data_set()
    {
        // Made clips under a public name: what was imported is read the same way.
        foreach ((string name, ClipList list) in (IEnumerable<(string, ClipList)>)[(DataImport.TrainList, data.Clips.Train), (DataImport.ValidationList, data.Clips.Test)])
        {
            Directory.CreateDirectory(_folder["data/ssv2"]);
            (list with { Videos = list.Root, ReversedClass = [.. list.Classes.Select(_ => -1)], ClassGroups = [.. list.Classes.Select(_ => "")] }).Save(_folder[$"data/ssv2/{name}"]);
        }
        VitOptions tower = new() { Width = 16, Layers = 1, Heads = 4, PatchSize = 8, Resolution = 16 };
        using (var image = new VisionTransformer(tower))
            image.Save(_folder["image.safetensors"]);
        string small = "transform.shortSide=16,transform.cropSize=16";
        FirstLightOptions options = new()
        {
            DataSet = "ssv2", ImageModelFile = _folder["image.safetensors"], Data = _folder["data"], Runs = _folder["runs"],
            Settings =
            [
                "recognizer.backbone.width=16", "recognizer.backbone.layers=1", "recognizer.backbone.heads=4", "recognizer.backbone.mlpHidden=64", "recognizer.backbone.patchSize=8", "recognizer.backbone.resolution=16",
                "training.epochs=1", "training.batchSize=4", "training.warmUpEpochs=0",
                .. ((string[])["training", "validation", "test"]).SelectMany(view => small.Split(',').Select(setting => $"views.{view}.{setting}")),
            ],
        };

        FirstLightReport report = FirstLight.Run(options, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(FirstLightRow.All.Select(row => row.Heads), report.Runs.Select(run => VideoRecognizer.Open(Path.Combine(run.Folder, "model.safetensors"))).Select(model => { using (model) return model.Options.Heads; }));
        Assert.Equal((16, true, false), (report.Backbone.Width, report.Synthetic, report.HasPairs));
        Assert.Equal(3, report.Expectations().Count);
        Assert.DoesNotContain(FirstLightFigures.Results(report).Columns, column => column.Name.Contains("pair", StringComparison.Ordinal));
        Assert.Contains("Something-Something", FirstLightFigures.Compared(report).Validated().Title, StringComparison.Ordinal);
        Assert.EndsWith("first-light-ssv2-seed0.png", FirstLightFigures.Save(report, _folder["figures"]).Png, StringComparison.Ordinal);

        Assert.Contains("lab data import kinetics400", Assert.Throws<FileNotFoundException>(() => FirstLight.Run(options with { DataSet = "kinetics400" }, cancellationToken: TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
        Assert.Contains("found none. Give the path of its file", Assert.Throws<ArgumentException>(() => FirstLight.Run(options with { ImageModelFile = "" }, cancellationToken: TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_comparison_without_seeds_is_refused() =>
        Assert.Throws<ArgumentException>(() => FirstLight.Run(FirstLightOptions.Quick with { Seeds = [] }, cancellationToken: TestContext.Current.CancellationToken));

    [Fact]
    public void Expectations_hold_at_their_bounds_and_fail_beyond_them()
    {
        Assert.All(Report(averaging: 0.45, embedding: 0.75, stdha: 0.9, gain: 0.25).Expectations(), e => Assert.True(e.Holds, e.Statement));

        Assert.Equal([false, false, true, true, true, true, true], Holds(Report(averaging: 0.56, embedding: 0.75, stdha: 0.9, gain: 0.25)));
        Assert.Equal([true, true, false, false, false, true, true], Holds(Report(averaging: 0.5, embedding: 0.75, stdha: 0.84, gain: 0.25)));
        Assert.Equal([true, true, true, true, true, false, true], Holds(Report(averaging: 0.5, embedding: 0.75, stdha: 0.9, gain: 0.24)));
        Assert.Equal([true, true, true, true, true, true, false], Holds(Report(averaging: 0.5, embedding: 0.75, stdha: 0.9, gain: 0.25, surplus: 1)));
    }

    [Fact]
    public void Expectations_are_of_the_mean_over_seeds()
    {
        FirstLightReport good = Report(averaging: 0.5, embedding: 0.6, stdha: 0.95, gain: 0.4), bad = Report(averaging: 0.5, embedding: 0.6, stdha: 0.87, gain: 0.4);
        Assert.False(bad.Expectations()[2].Holds);
        Assert.True((good with { Runs = [.. good.Runs, .. bad.Runs] }).Expectations()[2].Holds);
    }

    private static bool[] Holds(FirstLightReport report) => [.. report.Expectations().Select(e => e.Holds)];

    private static FirstLightReport Report(double averaging, double embedding, double stdha, double gain, long surplus = 0) => new(
        FirstLightOptions.Quick, new PretrainedImageModel("", "", Reused: true, new Dictionary<string, double>(), 0), "", 0, 0,
        [
            Run(FirstLightRow.FrameAveraging, averaging, top1: 0.25, trained: 900),
            Run(FirstLightRow.EmbeddingOnly, embedding, top1: 0.4, trained: 1000),
            Run(FirstLightRow.Stdha, stdha, top1: 0.25 + gain, trained: 1000 + surplus),
        ]);

    private static FirstLightRun Run(FirstLightRow row, double pair, double top1, long trained) => new(
        row, 0, "", Reused: false, trained, 0,
        new EvaluationResult
        {
            Clips = 0,
            Overall = new("all", 0, top1, 1, top1, pair),
            Groups = [new("directional", 0, top1, 1, top1, pair), new("cyclic", 0, top1, 1, top1, pair)],
            Classes = [],
            Confusion = [],
        },
        []);
}
