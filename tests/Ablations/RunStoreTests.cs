using ZeroI2V.Lab.Ablations;
using ZeroI2V.Lab.Evaluation;
using ZeroI2V.Lab.Reporting;
using ZeroI2V.Lab.Stdha;
using ZeroI2V.Lab.Training;
using ZeroI2V.Lab.VideoData;

namespace ZeroI2V.Lab.Tests.Ablations;

public sealed class RunStoreTests : IDisposable
{
    private readonly TemporaryFolder _root = new();
    private readonly RunStore _store;

    public RunStoreTests() => _store = new RunStore(_root["runs"]);

    public void Dispose() => _root.Dispose();

    private static VideoRunOptions Run(int seed = 0, double rate = 1e-3) => new()
    {
        Recognizer = MicroRecipe.Recognizer with { Heads = HeadSplit.Lowest(-1, 1) },
        Training = TrainingOptions.MicroSsv2 with { Seed = seed, LearningRate = rate },
        Sampling = new FrameSampling { Frames = 8 },
        Data = "toy train / toy test",
        DataSha256 = "00",
        ImageModelSha256 = "11",
    };

    private RunFolder Begun(VideoRunOptions options)
    {
        RunFolder folder = _store.Folder(options);
        using RunClaim claim = folder.Take(TestContext.Current.CancellationToken);
        folder.Begin(options);
        return folder;
    }

    private StoredRun Finished(VideoRunOptions options, double top1)
    {
        RunFolder folder = Begun(options);
        folder.WriteResult(Result(top1));
        return _store.Find(options.FolderName());
    }

    internal static VideoRunResult Result(double top1, double pair = 0.5) => new()
    {
        Evaluation = new EvaluationResult
        {
            Clips = 10,
            Overall = new("all", 10, top1, 1, top1, pair),
            Groups = [],
            Classes = [],
            Confusion = [],
        },
        TrainedParameters = 7,
        TrainingSeconds = 1,
        ClipsPerSecond = 10,
        Synthetic = true,
        Finished = DateTimeOffset.UnixEpoch,
    };

    [Fact]
    public void A_run_is_named_by_everything_that_its_numbers_depend_on()
    {
        VideoRunOptions run = Run();
        string[] others =
        [
            _store.PathOf(run with { Training = run.Training with { Seed = 1 } }),
            _store.PathOf(run with { DataSha256 = "01" }),
            _store.PathOf(run with { ImageModelSha256 = "01" }),
            _store.PathOf(run with { Recognizer = run.Recognizer with { HeadDropout = 0.1 } }),
        ];
        Assert.Equal(_store.PathOf(run), _store.PathOf(Run()));
        Assert.Equal(5, others.Append(_store.PathOf(run)).Distinct().Count());
    }

    [Fact]
    public void The_store_tells_finished_running_interrupted_and_damaged_runs_apart()
    {
        Finished(Run(0), 0.5);
        Begun(Run(1));
        RunFolder held = _store.Folder(Run(2));
        using RunClaim claim = held.Take(TestContext.Current.CancellationToken);
        held.Begin(Run(2));
        RunFolder torn = Begun(Run(3));
        File.WriteAllText(torn.OptionsFile, File.ReadAllText(torn.OptionsFile)[..40]);
        RunFolder newer = Begun(Run(4));
        File.WriteAllText(newer.OptionsFile, File.ReadAllText(newer.OptionsFile).Replace("{\n", "{\n  \"fromTheFuture\": 1,\n", StringComparison.Ordinal));

        IReadOnlyList<StoredRun> runs = _store.Runs();

        Assert.Equal(
            [RunState.Finished, RunState.Interrupted, RunState.Running, RunState.Damaged, RunState.Damaged],
            runs.OrderBy(run => run.Name.Split("seed")[1][0]).Select(run => run.State));
        Assert.Contains(runs, run => run.Problem?.Contains("fromTheFuture", StringComparison.Ordinal) == true);
        Assert.Contains("5 runs", RunTables.List("runs", runs).FullCaption, StringComparison.Ordinal);
    }

    [Fact]
    public void Asking_for_a_run_makes_none_and_an_empty_folder_is_none()
    {
        RunFolder asked = _store.Folder(Run());
        Assert.False(asked.HasResult);
        Assert.False(Directory.Exists(asked.Path));

        // As an early version left it.
        Directory.CreateDirectory(asked.Path);
        Assert.Empty(_store.Runs());
        Assert.Null(_store.ReadIfThere(Path.GetFileName(asked.Path)));
    }

    [Fact]
    public void A_run_is_found_by_a_part_of_its_name_that_only_it_has()
    {
        StoredRun first = Finished(Run(0), 0.5);
        Finished(Run(1), 0.5);
        Assert.Equal(first.Path, _store.Find(first.Name[^10..]).Path);
        Assert.Contains("2 runs", Assert.Throws<ArgumentException>(() => _store.Find("seed")).Message, StringComparison.Ordinal);
        Assert.Contains("lab runs list", Assert.Throws<ArgumentException>(() => _store.Find("nothing")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_runs_are_compared_by_the_options_that_differ_and_by_their_numbers()
    {
        ResultTable table = RunTables.Compare(Finished(Run(0), 0.5), Finished(Run(0, rate: 2e-3), 0.625)).Validated();
        Assert.Contains(table.Rows, row => row[0] == "training.learningRate" && row[1] == "0.001" && row[2] == "0.002");
        Assert.Contains(table.Rows, row => row[0] == "top1" && row[3] == "+12.5");
        Assert.DoesNotContain(table.Rows, row => row[0].Contains("epochs", StringComparison.Ordinal));
    }

    [Fact]
    public void A_run_is_removed_unless_someone_works_on_it()
    {
        StoredRun idle = Finished(Run(0), 0.5);
        RunFolder held = _store.Folder(Run(1));
        using (held.Take(TestContext.Current.CancellationToken))
        {
            held.Begin(Run(1));
            Assert.False(_store.Remove(_store.Find(Run(1).FolderName())));
        }
        Assert.True(_store.Remove(idle));
        Assert.Equal([Run(1).FolderName()], _store.Runs().Select(run => run.Name));
        Assert.Equal(["train"], Directory.GetDirectories(_store.Root).Select(Path.GetFileName));
    }

    [Fact]
    public void What_was_made_by_an_early_version_is_read_and_says_what_it_lacks()
    {
        StoredRun run = Finished(Run(0), 0.5);
        Directory.Delete(Path.Combine(run.Path, "owners"), recursive: true);
        StoredRun old = _store.Find(run.Name);
        Assert.Equal(RunState.Finished, old.State);
        Assert.Contains(RunTables.Show(old).Rows, row => row[0] == "seconds in all" && row[1] == "not kept");
    }
}
