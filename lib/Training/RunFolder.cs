using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ZeroI2V.Lab.Files;

namespace ZeroI2V.Lab.Training;

/// <summary>
/// Everything one run leaves: <c>options.json</c>, <c>metrics.jsonl</c> (a line an epoch), <c>checkpoint.safetensors</c>
/// (trained parameters and optimizer state) and, when it is finished, <c>result.json</c>. Every file is replaced as a whole,
/// so a run killed at any moment can be taken up again. <c>owners/</c> tells which process works on it.
/// </summary>
public sealed class RunFolder
{
    private RunClaim? _claim;

    /// <summary>Names a run's folder; it is made with the first file in it, so a run that nobody began leaves nothing.</summary>
    /// <param name="path">The folder.</param>
    public RunFolder(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        Path = System.IO.Path.GetFullPath(path);
    }

    /// <summary>The folder's full path.</summary>
    public string Path { get; }

    /// <summary>The options with which the run was begun.</summary>
    public string OptionsFile => System.IO.Path.Combine(Path, "options.json");

    /// <summary>One JSON object a line, a line an epoch.</summary>
    public string MetricsFile => System.IO.Path.Combine(Path, "metrics.jsonl");

    /// <summary>Trained parameters, optimizer state and the place in the run.</summary>
    public string CheckpointFile => System.IO.Path.Combine(Path, "checkpoint.safetensors");

    /// <summary>What came out; only a finished run has one.</summary>
    public string ResultFile => System.IO.Path.Combine(Path, "result.json");

    /// <summary>True when the run is finished.</summary>
    public bool HasResult => File.Exists(ResultFile);

    /// <summary>True when a run was begun here and can be taken up again.</summary>
    public bool HasCheckpoint => File.Exists(CheckpointFile);

    /// <summary>Takes the run for this process if no other has it.</summary>
    /// <param name="watch">Remembers owners on other machines from one call to the next.</param>
    /// <returns>The claim, to be disposed of when the work ends; null where another process has the run, or may have it.</returns>
    public RunClaim? TryTake(OwnerWatch watch)
    {
        ArgumentNullException.ThrowIfNull(watch);
        return _claim = RunClaim.TryTake(Path, watch);
    }

    /// <summary>Takes the run for this process. Of an owner on another machine it is waited to see whether it lives.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The claim, to be disposed of when the work ends.</returns>
    /// <exception cref="InvalidOperationException">Another process works on it.</exception>
    public RunClaim Take(CancellationToken cancellationToken = default)
    {
        var watch = new OwnerWatch();
        long? beat = null;
        while (true)
        {
            if (TryTake(watch) is RunClaim claim)
                return claim;
            (RunOwner? owner, bool? works) = RunClaim.OwnerOf(Path);
            if (works == true || (owner is not null && beat is long before && owner.Beat != before))
                throw new InvalidOperationException($"The run in '{Path}' is being done by {owner}. Wait for it, or stop that process and start this one again: it goes on from there.");
            beat ??= owner?.Beat;
            cancellationToken.WaitHandle.WaitOne(TimeSpan.FromSeconds(1));
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Begins a run with these options, or takes up the one that was begun with the same ones.</summary>
    /// <typeparam name="T">The options' type.</typeparam>
    /// <param name="options">Everything that the run's numbers depend on.</param>
    /// <exception cref="InvalidOperationException">The folder holds a run with other options; the message lists the differences.</exception>
    public void Begin<T>(T options)
    {
        // What a killed process left half-written.
        foreach (string stale in Directory.Exists(Path) ? Directory.EnumerateFiles(Path, "*.tmp") : [])
            File.Delete(stale);
        if (File.Exists(OptionsFile))
            Check(options);
        else
            AtomicFile.WriteText(OptionsFile, JsonSerializer.Serialize(options, RunJson.Options) + "\n");
    }

    /// <summary>Checks that the run in this folder was begun with these options.</summary>
    /// <typeparam name="T">The options' type.</typeparam>
    /// <param name="options">Everything that the run's numbers depend on.</param>
    /// <exception cref="FileNotFoundException">No run was begun here.</exception>
    /// <exception cref="InvalidOperationException">The folder holds a run with other options; the message lists the differences.</exception>
    public void Check<T>(T options)
    {
        JsonNode? wanted = JsonSerializer.SerializeToNode(options, RunJson.Options);
        JsonNode? found = Parse(ReadText(OptionsFile, "No run was begun in this folder"), OptionsFile);
        IReadOnlyList<(string Place, string Found, string Wanted)> differences = RunJson.Differences(found, wanted);
        if (differences.Count > 0)
        {
            throw new InvalidOperationException(
                $"The run in '{Path}' was begun with other options: {string.Join("; ", differences.Select(d => $"{d.Place} is {d.Found} there and {d.Wanted} here"))}. Choose another folder, or delete this one to begin again.");
        }
    }

    /// <summary>Reads the options of the run in this folder.</summary>
    /// <typeparam name="T">The options' type.</typeparam>
    /// <returns>The options, not validated.</returns>
    /// <exception cref="FileNotFoundException">No run was begun here.</exception>
    /// <exception cref="ArgumentException">The file is not such options.</exception>
    public T ReadOptions<T>() => RunJson.Read<T>(ReadText(OptionsFile, "No run was begun in this folder"), OptionsFile);

    /// <summary>Reads the finished epochs.</summary>
    /// <returns>One record an epoch, in order; empty where there is none.</returns>
    /// <exception cref="ArgumentException">A line is not such a record, or an epoch is out of order.</exception>
    public IReadOnlyList<EpochMetrics> ReadMetrics()
    {
        if (!File.Exists(MetricsFile))
            return [];
        var epochs = new List<EpochMetrics>();
        foreach (string line in File.ReadLines(MetricsFile))
        {
            if (line.Length == 0)
                continue;
            EpochMetrics epoch = RunJson.Read<EpochMetrics>(line, $"{MetricsFile}, line {epochs.Count + 1},");
            if (epoch.Epoch != epochs.Count + 1)
                throw new ArgumentException($"'{MetricsFile}' must hold one line an epoch, in order; found epoch {epoch.Epoch} on line {epochs.Count + 1}. Delete the folder to begin again.");
            epochs.Add(epoch);
        }
        return epochs;
    }

    /// <summary>Replaces the finished epochs.</summary>
    /// <param name="epochs">Every finished epoch, in order.</param>
    public void WriteMetrics(IEnumerable<EpochMetrics> epochs)
    {
        ArgumentNullException.ThrowIfNull(epochs);
        _claim?.Verify();
        var text = new StringBuilder();
        foreach (EpochMetrics epoch in epochs)
            text.Append(JsonSerializer.Serialize(epoch, RunJson.Line)).Append('\n');
        AtomicFile.WriteText(MetricsFile, text.ToString());
    }

    /// <summary>Writes what came out, and so marks the run as finished.</summary>
    /// <typeparam name="T">The result's type.</typeparam>
    /// <param name="result">The result.</param>
    public void WriteResult<T>(T result)
    {
        _claim?.Verify();
        AtomicFile.WriteText(ResultFile, JsonSerializer.Serialize(result, RunJson.Options) + "\n");
    }

    /// <summary>Reads what came out.</summary>
    /// <typeparam name="T">The result's type.</typeparam>
    /// <returns>The result.</returns>
    /// <exception cref="FileNotFoundException">The run is not finished.</exception>
    /// <exception cref="ArgumentException">The file is not such a result.</exception>
    public T ReadResult<T>() => RunJson.Read<T>(ReadText(ResultFile, "The run in this folder is not finished"), ResultFile);

    private static string ReadText(string path, string missing) => File.Exists(path)
        ? File.ReadAllText(path)
        : throw new FileNotFoundException($"{missing}: '{path}' does not exist. Start the run first.", path);

    private static JsonNode? Parse(string text, string path)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException e)
        {
            throw new InvalidOperationException($"'{path}' is not JSON: {e.Message} Delete the folder to begin again.", e);
        }
    }
}
