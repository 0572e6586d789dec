using ZeroI2V.Lab.Ablations;
using ZeroI2V.Lab.Adapters;
using ZeroI2V.Lab.Stdha;
using ZeroI2V.Lab.Training;
using ZeroI2V.Lab.VideoData;
using ZeroI2V.Lab.VideoData.MicroWorld;

namespace ZeroI2V.Lab.Tests.Ablations;

public sealed class SweepDefinitionTests : IDisposable
{
    private const string Sound = """
        {
          "name": "toy", "question": "?", "data": ["micro-ssv2"],
          "axes": {
            "scale": { "half": { "recognizer.adapters.scale": 0.5 }, "whole": { "recognizer.adapters.scale": 1 } },
            "heads": { "none": { "recognizer.heads.lowestByLayer": [[]] }, "two": {} }
          },
          "baseline": { "heads": "two" },
          "sizes": { "quick": { "settings": { "training.epochs": 2 }, "only": { "heads": ["two"] } } }
        }
        """;

    private readonly TemporaryFolder _root = new();
    private readonly RunStore _store;

    public SweepDefinitionTests() => _store = new RunStore(_root["runs"]);

    public void Dispose() => _root.Dispose();

    internal static SweepSource Source { get; } = new(
        new PretrainedImageModel("", "11", Reused: true, new Dictionary<string, double>(), 0),
        key => new MicroSplits(List($"{key} train", 20), List($"{key} test", 2)));

    private static ClipList List(string name, int scenes) => new()
    {
        Name = name,
        Synthetic = true,
        Classes = MicroSsv2.Classes,
        ClassGroups = MicroSsv2.ClassGroups,
        ReversedClass = MicroSsv2.ReversedClass,
        Clips = [.. from label in Enumerable.Range(0, MicroSsv2.Classes.Count)
                    from scene in Enumerable.Range(0, scenes)
                    select new ClipRecord { Path = $"{name}/{label}/{scene}.mp4", Label = label, Frames = 24 }],
    };

    private SweepPlan Plan(string json, MicroSize size = MicroSize.Small, int seeds = 2) => SweepPlan.Make(SweepDefinition.Parse(json, "toy"), size, seeds, Source, _store);

    private static string Refused(string from, string to)
    {
        Assert.Contains(from, Sound, StringComparison.Ordinal);
        return Assert.Throws<ArgumentException>(() => SweepDefinition.Parse(Sound.Replace(from, to, StringComparison.Ordinal), "toy")).Message;
    }

    public static TheoryData<string> Names => [.. SweepDefinition.Names()];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_sweep_of_the_lab_can_be_written_out_in_every_size(string name)
    {
        // Random and measured choices of heads need a model; the others are written out here.
        SweepDefinition sweep = Source.Fit(SweepDefinition.Open(name));
        foreach (MicroSize size in Enum.GetValues<MicroSize>())
        {
            (string[] Values, RunSettings Settings)[] rows = [.. SweepPlan.Rows(sweep, size)];
            Assert.Equal(rows.Length, rows.Select(row => string.Join('|', row.Values)).Distinct().Count());
            if (rows.Any(row => row.Settings.HeadChoice is HeadChoice.LeastImportant or HeadChoice.MostImportant))
                continue;
            SweepPlan plan = SweepPlan.Make(sweep, size, 1, Source, _store);
            // Two rows that are one run would be a mistake in the definition.
            Assert.Equal(rows.Length * sweep.Data.Count, plan.Runs.Select(run => run.Folder).Distinct().Count());
        }
    }

    [Fact]
    public void Rows_are_the_product_of_the_axes_and_runs_the_rows_for_every_seed()
    {
        SweepPlan plan = Plan(Sound);
        Assert.Equal(["half|none", "half|two", "whole|none", "whole|two"], plan.Runs.Select(run => string.Join('|', run.Values)).Distinct());
        Assert.Equal(8, plan.Runs.Select(run => run.Folder).Distinct().Count());
        Assert.Equal([0, 1], plan.Runs.Take(2).Select(run => run.Options.Training.Seed));
        Assert.Equal(0.5, plan.Runs[0].Options.Recognizer.Adapters!.Scale);
        Assert.True(plan.Runs[0].Options.Recognizer.Heads.IsSpatial);
        Assert.Equal(HeadSplit.Lowest(-1, 1), plan.Runs[2].Options.Recognizer.Heads);
    }

    [Fact]
    public void A_size_changes_settings_and_leaves_values_out()
    {
        SweepPlan plan = Plan(Sound, MicroSize.Quick);
        Assert.Equal(["half|two", "whole|two"], plan.Runs.Select(run => string.Join('|', run.Values)).Distinct());
        Assert.All(plan.Runs, run => Assert.Equal(2, run.Options.Training.Epochs));
        Assert.All(Plan(Sound).Runs, run => Assert.Equal(TrainingOptions.MicroSsv2.Epochs, run.Options.Training.Epochs));
    }

    [Fact]
    public void One_run_asked_for_by_two_sweeps_is_one_folder()
    {
        SweepPlan other = Plan(Sound.Replace("\"toy\"", "\"other\"", StringComparison.Ordinal).Replace("\"whole\": { \"recognizer.adapters.scale\": 1 }", "\"whole\": {}", StringComparison.Ordinal));
        Assert.Equal(Plan(Sound).Runs[^1].Folder, other.Runs[^1].Folder);
    }

    [Fact]
    public void An_unknown_option_is_an_error_that_names_it()
    {
        string message = Refused("recognizer.adapters.scale\": 0.5", "recognizer.adapters.scaling\": 0.5");
        Assert.Contains("recognizer.adapters.scaling", message, StringComparison.Ordinal);
        Assert.Contains("'half' of the axis 'scale'", message, StringComparison.Ordinal);
        Assert.Contains("recognizer.adapters.scale", Refused("scale\": 0.5", "scale\": \"much\""), StringComparison.Ordinal);
        Assert.Contains("training.seed", Refused("\"two\": {}", "\"two\": { \"training.seed\": 3 }"), StringComparison.Ordinal);
        Assert.Contains("no method 'magic'", Refused("\"two\": {}", "\"two\": { \"method\": \"magic\" }"), StringComparison.Ordinal);
        Assert.Contains("shots is \"few\"", Refused("\"two\": {}", "\"two\": { \"shots\": \"few\" }"), StringComparison.Ordinal);
        Assert.Contains("LeastImportant", Refused("\"two\": {}", "\"two\": { \"headChoice\": \"Best\" }"), StringComparison.Ordinal);
        Assert.Contains("sizing", Refused("\"sizes\"", "\"sizing\""), StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_axis_value_size_or_kind_of_data_is_an_error_that_names_it()
    {
        Assert.Contains("names the axis 'head'", Refused("\"baseline\": { \"heads\"", "\"baseline\": { \"head\""), StringComparison.Ordinal);
        Assert.Contains("the value 'three' of the axis 'heads'; its values are none, two", Refused("\"heads\": \"two\" }", "\"heads\": \"three\" }"), StringComparison.Ordinal);
        Assert.Contains("names the axis 'hats'", Refused("\"only\": { \"heads\"", "\"only\": { \"hats\""), StringComparison.Ordinal);
        Assert.Contains("must keep the baseline's value", Refused("[\"two\"]", "[\"none\"]"), StringComparison.Ordinal);
        Assert.Contains("found 'tiny'", Refused("\"quick\"", "\"tiny\""), StringComparison.Ordinal);
        Assert.Contains("no kind of data 'kinetics'", Refused("micro-ssv2", "kinetics"), StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_sweep_is_refused()
    {
        Assert.Contains("it is empty", Refused("[\"micro-ssv2\"]", "[]"), StringComparison.Ordinal);
        Assert.Contains("the axis 'hats' is empty", Refused("\"scale\": {", "\"hats\": {}, \"scale\": {"), StringComparison.Ordinal);
        Assert.Contains("its baseline is empty", Refused("{ \"heads\": \"two\" }", "{}"), StringComparison.Ordinal);
        Assert.Contains("1 to 100 seeds", Assert.Throws<ArgumentException>(() => Plan(Sound, seeds: 0)).Message, StringComparison.Ordinal);
        string message = Assert.Throws<ArgumentException>(() => SweepDefinition.Parse("""{ "name": "toy", "question": "?", "data": ["micro-ssv2"], "axes": {}, "baseline": {} }""", "toy")).Message;
        Assert.Contains("give at least one axis", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_that_comes_twice_is_an_error() =>
        Assert.Contains("whole", Refused("\"half\": {", "\"whole\": {"), StringComparison.Ordinal);

    [Fact]
    public void A_sweep_that_is_not_there_is_named_with_those_that_are() =>
        Assert.Contains("head-split", Assert.Throws<ArgumentException>(() => SweepDefinition.Open("no-such-sweep")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_file_holds_the_sweep_that_it_is_named_after()
    {
        File.WriteAllText(_root["another.json"], Sound);
        Assert.Contains("found 'toy'", Assert.Throws<ArgumentException>(() => SweepDefinition.Open(_root["another.json"])).Message, StringComparison.Ordinal);
        File.WriteAllText(_root["toy.json"], Sound);
        Assert.Equal("toy", SweepDefinition.Open(_root["toy.json"]).Name);
    }

    [Fact]
    public void Two_sweeps_of_one_name_and_different_options_are_told_apart()
    {
        SweepRecord.Keep(_store, Plan(Sound));
        SweepRecord.Keep(_store, Plan(Sound));
        SweepPlan other = Plan(Sound.Replace("scale\": 0.5", "scale\": 0.25", StringComparison.Ordinal));
        string message = Assert.Throws<InvalidOperationException>(() => SweepRecord.Keep(_store, other)).Message;
        Assert.Contains("axes.scale.half.recognizer.adapters.scale is 0.5 there and 0.25 here", message, StringComparison.Ordinal);
        SweepRecord.Keep(_store, other, replace: true);
        Assert.Equal(other.Runs.Select(run => Path.GetFileName(run.Folder)), SweepRecord.Open(_store, "toy", MicroSize.Small).Runs.Select(run => run.Run));
    }

    [Fact]
    public void Fewer_seeds_asked_for_later_do_not_shrink_the_table()
    {
        SweepRecord.Keep(_store, Plan(Sound, seeds: 3));
        Assert.Equal(3, SweepRecord.Keep(_store, Plan(Sound, seeds: 1)).Seeds);
        Assert.Equal(4, SweepRecord.Keep(_store, Plan(Sound, seeds: 4)).Seeds);
    }

    [Fact]
    public void Shots_are_drawn_by_the_seed_and_larger_draws_hold_the_smaller()
    {
        static string Json(int shots) => Sound.Replace("\"two\": {}", $"\"two\": {{ \"shots\": {shots} }}", StringComparison.Ordinal);
        SweepRun[] two = [.. Plan(Json(2)).Runs.Where(run => run.Values[1] == "two").Take(2)];
        ClipList[] lists = [.. two.Select(run => run.Settings.Clips(Source.Listed("micro-ssv2"), run.Seed).Train.List)];
        Assert.All(lists, list => Assert.All(list.Clips.GroupBy(clip => clip.Label), group => Assert.Equal(2, group.Count())));
        Assert.NotEqual(lists[0].Clips.Select(clip => clip.Path), lists[1].Clips.Select(clip => clip.Path));
        Assert.NotEqual(two[0].Options.DataSha256, two[1].Options.DataSha256);
        SweepRun four = Plan(Json(4)).Runs.First(run => run.Values[1] == "two");
        Assert.Subset(
            four.Settings.Clips(Source.Listed("micro-ssv2"), 0).Train.List.Clips.Select(clip => clip.Path).ToHashSet(),
            lists[0].Clips.Select(clip => clip.Path).ToHashSet());
        string message = Assert.Throws<ArgumentException>(() => Plan(Json(21))).Message;
        Assert.Contains("toy: half, two, MicroSSv2, seed 0: 21 clips of each class were asked for", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_method_brings_its_learning_rate_and_what_it_trains()
    {
        SweepRun full = Plan(Sound.Replace("\"two\": {}", "\"two\": { \"method\": \"full-tuning\" }", StringComparison.Ordinal).Replace("\"half\": { \"recognizer.adapters.scale\": 0.5 }", "\"half\": {}", StringComparison.Ordinal)
            .Replace("\"whole\": { \"recognizer.adapters.scale\": 1 }", "\"whole\": { \"training.labelSmoothing\": 0.1 }", StringComparison.Ordinal)).Runs.First(run => run.Values[1] == "two");
        Assert.Equal(BackboneTuning.Full, full.Options.Recognizer.Tuning);
        Assert.Equal(TrainingOptions.MicroSsv2.LearningRate * AdaptationMethod.FullTuning.LearningRateShare, full.Options.Training.LearningRate);
    }
}
