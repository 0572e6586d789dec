using ZeroI2V.Lab.VideoData.MicroWorld;

namespace ZeroI2V.Lab.Tests.MicroWorld;

/// <summary>Made once, reused, repaired, continued.</summary>
public sealed class MicroFolderTests(QuickData made) : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("micro-folder-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Two_makes_give_the_same_files_and_frames()
    {
        StillSplits again = Ensure(_root);
        Assert.Equal(made.Stills.Train.Albums, again.Train.Albums);
        Assert.Equal(made.Stills.Validation.Albums, again.Validation.Albums);
        Assert.Equal(made.Stills.Train.Labels.SelectMany(l => l), again.Train.Labels.SelectMany(l => l));
    }

    [Fact]
    public void What_is_whole_is_reused_without_a_word()
    {
        Copy();
        Dictionary<string, DateTime> before = Times();
        var said = new Log();
        Ensure(_root, said);
        Assert.Empty(said.Reports);
        Assert.Equal(before, Times());
    }

    [Fact]
    public void Only_damaged_and_missing_files_are_made_again_and_come_out_as_before()
    {
        Copy();
        string folder = MicroImages.Folder(_root, MicroSize.Quick);
        string[] files = [.. made.Stills.Train.Albums.Select(a => Path.Combine(folder, a.Path))];
        byte[] bent = File.ReadAllBytes(files[1]), lost = File.ReadAllBytes(files[2]);
        byte[] changed = [.. bent];
        changed[^100] ^= 1;
        File.WriteAllBytes(files[1], changed);
        File.Delete(files[2]);
        DateTime untouched = File.GetLastWriteTimeUtc(files[0]);

        StillSplits again = Ensure(_root);

        Assert.Equal(bent, File.ReadAllBytes(files[1]));
        Assert.Equal(lost, File.ReadAllBytes(files[2]));
        Assert.Equal(untouched, File.GetLastWriteTimeUtc(files[0]));
        Assert.Equal(made.Stills.Train.Albums, again.Train.Albums);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{ \"name\": ")]
    [InlineData("{ \"surprise\": 1 }")]
    [InlineData("{ \"name\": null, \"synthetic\": true, \"recipe\": \"\", \"classes\": [], \"splits\": {} }")]
    [InlineData("null")]
    public void A_manifest_that_cannot_be_read_counts_as_none(string text)
    {
        File.WriteAllText(Path.Combine(_root, MicroManifest.FileName), text);
        Assert.Null(MicroManifest.TryRead(_root));
    }

    [Fact]
    public void Data_of_another_recipe_is_made_again()
    {
        Copy();
        string manifest = Path.Combine(MicroImages.Folder(_root, MicroSize.Quick), MicroManifest.FileName);
        string good = File.ReadAllText(manifest);
        File.WriteAllText(manifest, good.Replace("MicroImages generator", "MicroImages old generator", StringComparison.Ordinal));
        var said = new Log();
        Ensure(_root, said);
        Assert.Equal(0, said.Reports[0].Done);
        Assert.Equal(good, File.ReadAllText(manifest));
    }

    [Fact]
    public void A_stopped_make_goes_on_where_it_was()
    {
        using var stop = new CancellationTokenSource();
        var stopping = new Log { OnReport = p => { if (p.Done > 0) stop.Cancel(); } };
        Assert.ThrowsAny<OperationCanceledException>(
            () => MicroImages.Ensure(_root, MicroSize.Quick, stopping, stop.Token));
        Dictionary<string, DateTime> half = Times();
        Assert.NotEmpty(half);
        // A process that was killed also leaves a line cut short and a work folder.
        string folder = MicroImages.Folder(_root, MicroSize.Quick);
        File.AppendAllText(Path.Combine(folder, "made.jsonl"), "{\"path\":\"train/00");
        Directory.CreateDirectory(Path.Combine(folder, ".making-left"));

        var going = new Log();
        StillSplits whole = Ensure(_root, going);

        Assert.Equal(half.Count * 50, going.Reports[0].Done);
        Assert.Equal(250, going.Reports[^1].Done);
        Dictionary<string, DateTime> after = Times();
        Assert.All(half, file => Assert.Equal(file.Value, after[file.Key]));
        Assert.Equal(5, whole.Train.Albums.Count + whole.Validation.Albums.Count);
        Assert.False(Directory.Exists(Path.Combine(folder, ".making-left")));
        Assert.False(File.Exists(Path.Combine(folder, "made.jsonl")));
    }

    [Fact]
    public async Task A_second_process_waits_for_the_first()
    {
        string folder = MicroImages.Folder(_root, MicroSize.Quick);
        Directory.CreateDirectory(folder);
        using var impatient = new CancellationTokenSource();
        using (new FileStream(Path.Combine(folder, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
        {
            Task<StillSplits> waiting = Task.Run(
                () => MicroImages.Ensure(_root, MicroSize.Quick, cancellationToken: impatient.Token),
                TestContext.Current.CancellationToken);
            impatient.Cancel();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        }
        Assert.Empty(Times());
        Assert.Equal(200, Ensure(_root).Train.Count);
    }

    private static StillSplits Ensure(string root, Log? log = null) =>
        MicroImages.Ensure(root, MicroSize.Quick, log, TestContext.Current.CancellationToken);

    /// <summary>A copy of the quick data set, whole.</summary>
    private void Copy()
    {
        string from = made.Stills.Train.Root, to = MicroImages.Folder(_root, MicroSize.Quick);
        foreach (string file in Directory.GetFiles(from, "*.*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    private Dictionary<string, DateTime> Times() =>
        Directory.GetFiles(_root, "*.mp4", SearchOption.AllDirectories)
            .Where(f => !f.Contains(".making-", StringComparison.Ordinal))
            .ToDictionary(f => f, File.GetLastWriteTimeUtc);

    private sealed class Log : IProgress<MicroProgress>
    {
        public List<MicroProgress> Reports { get; } = [];

        public Action<MicroProgress>? OnReport { get; init; }

        public void Report(MicroProgress value)
        {
            Reports.Add(value);
            OnReport?.Invoke(value);
        }
    }
}
