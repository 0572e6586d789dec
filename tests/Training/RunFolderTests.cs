using ZeroI2V.Lab.Files;
using ZeroI2V.Lab.Training;

namespace ZeroI2V.Lab.Tests.Training;

public sealed class RunFolderTests : IDisposable
{
    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    private RunFolder Folder => new(_root["run"]);

    private static EpochMetrics Epoch(int epoch) => new()
    {
        Epoch = epoch,
        Step = epoch * 3,
        Loss = 1.0 / epoch,
        LearningRate = 1e-3,
        TrainTop1 = 0.5,
        Seconds = 1.25,
        Test = epoch == 2 ? new Dictionary<string, double> { ["pair"] = 0.75 } : null,
    };

    [Fact]
    public void A_run_is_taken_up_with_the_options_it_was_begun_with()
    {
        Folder.Begin(TrainingOptions.MicroSsv2);
        Folder.Begin(TrainingOptions.MicroSsv2 with { });
        Assert.Equal(TrainingOptions.MicroSsv2, Folder.ReadOptions<TrainingOptions>());
    }

    [Fact]
    public void Other_options_are_refused_and_the_difference_is_named()
    {
        Folder.Begin(TrainingOptions.MicroSsv2);
        string before = File.ReadAllText(Folder.OptionsFile);
        InvalidOperationException e = Assert.Throws<InvalidOperationException>(() =>
            Folder.Begin(TrainingOptions.MicroSsv2 with { Seed = 99 }));
        Assert.Contains("seed is 0 there and 99 here", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("epochs", e.Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllText(Folder.OptionsFile));
    }

    [Fact]
    public void Metrics_are_a_line_an_epoch_and_read_back_the_same()
    {
        Folder.WriteMetrics([Epoch(1), Epoch(2), Epoch(3)]);
        Assert.Equal(3, File.ReadAllLines(Folder.MetricsFile).Length);
        IReadOnlyList<EpochMetrics> read = Folder.ReadMetrics();
        Assert.Equal([1, 2, 3], read.Select(e => e.Epoch));
        Assert.Equal(1.0 / 3, read[2].Loss);
        Assert.Equal(0.75, read[1].Test!["pair"]);
        Assert.Null(read[0].Test);
    }

    [Fact]
    public void Metrics_out_of_order_are_an_error()
    {
        Folder.WriteMetrics([Epoch(2)]);
        Assert.Throws<ArgumentException>(() => Folder.ReadMetrics());
    }

    [Fact]
    public void A_torn_line_of_metrics_is_an_error_that_names_file_and_line()
    {
        Folder.WriteMetrics([Epoch(1), Epoch(2)]);
        string text = File.ReadAllText(Folder.MetricsFile);
        File.WriteAllText(Folder.MetricsFile, text[..^20]);
        ArgumentException e = Assert.Throws<ArgumentException>(() => Folder.ReadMetrics());
        Assert.Contains("metrics.jsonl, line 2", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_result_marks_the_run_as_finished()
    {
        Assert.False(Folder.HasResult);
        Folder.WriteResult(Epoch(1));
        Assert.True(Folder.HasResult);
        Assert.Equal(Epoch(1), Folder.ReadResult<EpochMetrics>());
    }

    [Fact]
    public void Reading_a_result_of_an_unfinished_run_says_so()
    {
        FileNotFoundException e = Assert.Throws<FileNotFoundException>(() => Folder.ReadResult<EpochMetrics>());
        Assert.Contains("not finished", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_write_that_fails_leaves_the_old_file_and_nothing_beside_it()
    {
        Folder.WriteMetrics([Epoch(1)]);
        string before = File.ReadAllText(Folder.MetricsFile);
        // JSON has no infinity, so this record cannot be written.
        Assert.ThrowsAny<Exception>(() => Folder.WriteMetrics([Epoch(1), Epoch(2) with { Loss = double.PositiveInfinity }]));
        Assert.Equal(before, File.ReadAllText(Folder.MetricsFile));
        Assert.Equal([Folder.MetricsFile], Directory.GetFiles(Folder.Path));
    }

    [Fact]
    public void A_write_cut_off_in_the_middle_leaves_the_old_file_and_nothing_beside_it()
    {
        string path = _root["file.txt"];
        AtomicFile.WriteText(path, "old");
        Assert.Throws<IOException>(() => AtomicFile.Make(path, temporary =>
        {
            File.WriteAllText(temporary, "half of the new");
            throw new IOException("disk full");
        }));
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(_root.Path));
    }

    [Fact]
    public void What_a_killed_process_left_half_written_is_swept_away_at_the_next_start()
    {
        Folder.Begin(TrainingOptions.MicroSsv2);
        string stale = System.IO.Path.Combine(Folder.Path, "checkpoint.safetensors.123.tmp");
        File.WriteAllText(stale, "half");
        Folder.Begin(TrainingOptions.MicroSsv2);
        Assert.False(File.Exists(stale));
    }
}
