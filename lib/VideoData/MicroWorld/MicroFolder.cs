using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using ZeroI2V.Lab.Files;

namespace ZeroI2V.Lab.VideoData.MicroWorld;

/// <summary>
/// The folder of a synthetic data set on disk: made once, reused, repaired file by file. A process that is killed leaves
/// a journal, and the next one goes on from there. Two processes take turns.
/// </summary>
internal sealed class MicroFolder
{
    private const string JournalName = "made.jsonl";
    private const string LockName = ".lock";
    private const string WorkPrefix = ".making-";

    private readonly string _path;
    private readonly string _recipe;
    private readonly MicroEncoder _encoder;

    /// <param name="path">The data set's folder.</param>
    /// <param name="recipe">Everything that decides the pictures; files of another recipe are not reused.</param>
    /// <param name="encoder">Writes the files.</param>
    public MicroFolder(string path, string recipe, MicroEncoder encoder)
    {
        _path = path;
        _recipe = recipe;
        _encoder = encoder;
    }

    /// <summary>Makes what is missing or damaged and writes the manifest; where all is there and of this recipe, only looks.</summary>
    /// <param name="plan">What the data set holds.</param>
    /// <param name="progress">Told how far the making has come; not told where nothing is to be made.</param>
    /// <param name="cancellationToken">Stops the making; a later call goes on from there.</param>
    /// <returns>The manifest.</returns>
    public MicroManifest Ensure(MicroPlan plan, IProgress<MicroProgress>? progress, CancellationToken cancellationToken)
    {
        using FileStream entered = Enter(cancellationToken);
        MicroManifest? manifest = MicroManifest.TryRead(_path);
        if (manifest?.Recipe != _recipe)
            manifest = null;
        IReadOnlyList<MicroFile> listed = manifest is null ? [] : [.. manifest.Splits.SelectMany(s => s.Value)];
        if (manifest is not null && Damaged(listed).Count == 0 && plan.Besides.All(file => File.Exists(file.Path)))
            return manifest;

        (string Name, MicroBatch[] Batches)[] splits = [.. plan.Splits.Select(s => (s.Name, s.Batches.ToArray()))];
        IReadOnlyList<MicroFile> files = Make([.. splits.SelectMany(s => s.Batches)], listed, progress, cancellationToken);
        foreach ((string path, Action<string> write) in plan.Besides)
            write(path);
        var bySplit = new Dictionary<string, IReadOnlyList<MicroFile>>();
        int taken = 0;
        foreach ((string name, MicroBatch[] batches) in splits)
        {
            int count = batches.Sum(b => b.Paths.Count);
            bySplit[name] = [.. files.Skip(taken).Take(count)];
            taken += count;
        }
        manifest = new MicroManifest { Name = plan.Name, Synthetic = true, Recipe = _recipe, Classes = plan.Classes, Splits = bySplit };
        manifest.Write(_path);
        // The manifest has taken the journal's place.
        File.Delete(Path.Combine(_path, JournalName));
        return manifest;
    }

    /// <summary>Keeps other processes out until disposed; waits for one that is making the same data.</summary>
    private FileStream Enter(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(_path);
        while (true)
        {
            if (MadeOnce.TryEnter(Path.Combine(_path, LockName)) is FileStream entered)
                return entered;
            cancellationToken.WaitHandle.WaitOne(TimeSpan.FromSeconds(1));
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>The listed files that are missing or not as listed.</summary>
    private List<MicroFile> Damaged(IEnumerable<MicroFile> listed) =>
        [.. listed.AsParallel().AsOrdered().Where(file => !IsAsListed(file))];

    /// <summary>Makes what is missing.</summary>
    /// <param name="batches">Every file of the data set.</param>
    /// <param name="listed">Files that an earlier manifest of the same recipe lists; those not damaged are kept.</param>
    /// <param name="progress">Told after every batch.</param>
    /// <param name="cancellationToken">Stops between batches; what is made stays.</param>
    /// <returns>Every file, in the order of the batches.</returns>
    private MicroFile[] Make(
        IReadOnlyList<MicroBatch> batches,
        IReadOnlyList<MicroFile> listed,
        IProgress<MicroProgress>? progress,
        CancellationToken cancellationToken)
    {
        foreach (string left in Directory.GetDirectories(_path, WorkPrefix + "*"))
            Directory.Delete(left, recursive: true);
        // Frames of other files.
        foreach (string decoded in Directory.GetFiles(_path, "decoded-*.frames"))
            File.Delete(decoded);
        var made = new ConcurrentDictionary<string, MicroFile>(StringComparer.Ordinal);
        var wanted = batches.SelectMany(b => b.Paths).ToHashSet(StringComparer.Ordinal);
        foreach (MicroFile file in listed.Concat(ReadJournal()).AsParallel().Where(f => wanted.Contains(f.Path) && IsAsListed(f)))
            made[file.Path] = file;

        int total = batches.Sum(b => b.Paths.Count * b.FramesPerFile);
        int kept = made.Values.Sum(f => f.Frames), done = kept;
        var clock = Stopwatch.StartNew();
        Report();
        using (StreamWriter journal = OpenJournal(made.Values))
        {
            MicroBatch[] open = [.. batches.Where(b => b.Paths.Any(p => !made.ContainsKey(p)))];
            var order = new ParallelOptions
            {
                MaxDegreeOfParallelism = Environment.ProcessorCount,
                CancellationToken = cancellationToken,
            };
            try
            {
                Parallel.ForEach(
                    Partitioner.Create(open, EnumerablePartitionerOptions.NoBuffering),
                    order,
                    batch =>
                    {
                        foreach (MicroFile file in MakeBatch(batch, made, cancellationToken))
                        {
                            lock (journal)
                            {
                                journal.WriteLine(JsonSerializer.Serialize(file, MicroManifest.OneLine));
                                journal.Flush();
                                made[file.Path] = file;
                                done += file.Frames;
                            }
                        }
                        lock (journal)
                            Report();
                    });
            }
            catch (AggregateException several)
            {
                cancellationToken.ThrowIfCancellationRequested();
                // Every worker may fail for the same reason (ffmpeg missing, disk full): one message says it.
                throw new IOException(
                    $"'{_path}' could not be made: {several.InnerExceptions[0].Message}", several.InnerExceptions[0]);
            }
        }
        return [.. batches.SelectMany(b => b.Paths).Select(p => made[p])];

        void Report()
        {
            double rate = done > kept ? (done - kept) / clock.Elapsed.TotalSeconds : 0;
            TimeSpan left = rate > 0 ? TimeSpan.FromSeconds((total - done) / rate) : TimeSpan.Zero;
            progress?.Report(new MicroProgress(Path.GetFileName(_path), done, total, rate, left));
        }
    }

    private List<MicroFile> MakeBatch(
        MicroBatch batch, ConcurrentDictionary<string, MicroFile> made, CancellationToken cancellationToken)
    {
        string work = Path.Combine(_path, WorkPrefix + Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(work);
        try
        {
            IReadOnlyList<string> files =
                _encoder.Encode(batch.Draw(), batch.FramesPerFile, work, cancellationToken);
            IReadOnlyList<string> frames = _encoder.HashFrames(files, batch.FramesPerFile, cancellationToken);
            var fresh = new List<MicroFile>();
            for (int i = 0; i < files.Count; i++)
            {
                if (made.ContainsKey(batch.Paths[i]))
                    continue;
                string target = Path.Combine(_path, batch.Paths[i]);
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Move(files[i], target, overwrite: true);
                fresh.Add(new MicroFile
                {
                    Path = batch.Paths[i],
                    Frames = batch.FramesPerFile,
                    Bytes = new FileInfo(target).Length,
                    FileSha256 = FileHash.Sha256(target),
                    FramesSha256 = frames[i],
                });
            }
            return fresh;
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    private bool IsAsListed(MicroFile file)
    {
        var info = new FileInfo(Path.Combine(_path, file.Path));
        if (!info.Exists || info.Length != file.Bytes)
            return false;
        return FileHash.Sha256(info.FullName) == file.FileSha256;
    }

    /// <summary>What an interrupted process of the same recipe has made; a last line cut short counts as not made.</summary>
    private List<MicroFile> ReadJournal()
    {
        var files = new List<MicroFile>();
        string path = Path.Combine(_path, JournalName);
        if (!File.Exists(path))
            return files;
        string[] lines = File.ReadAllLines(path);
        if (lines.Length == 0 || lines[0] != _recipe)
            return files;
        foreach (string line in lines.Skip(1))
        {
            try
            {
                if (JsonSerializer.Deserialize<MicroFile>(line, MicroManifest.OneLine) is { } file)
                    files.Add(file);
            }
            catch (JsonException)
            {
                break;
            }
        }
        return files;
    }

    private StreamWriter OpenJournal(IEnumerable<MicroFile> made)
    {
        var journal = new StreamWriter(Path.Combine(_path, JournalName), append: false);
        journal.WriteLine(_recipe);
        foreach (MicroFile file in made)
            journal.WriteLine(JsonSerializer.Serialize(file, MicroManifest.OneLine));
        journal.Flush();
        return journal;
    }
}
