using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ZeroI2V.Lab.Files;

namespace ZeroI2V.Lab.Training;

/// <summary>
/// Everything one run leaves: <c>options.json</c>, <c>metrics.jsonl</c> (a line an epoch), <c>checkpoint.safetensors</c>
/// (trained parameters and optimizer state) and, when it is finished, <c>result.json</c>. Every file is replaced as a whole,
/// so a run killed at any moment can be taken up again.
/// </summary>
public sealed class RunFolder
{
    /// <summary>Opens a run's folder and makes it where it is missing.</summary>
    /// <param name="path">The folder.</param>
    public RunFolder(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        Path = System.IO.Path.GetFullPath(path);
        Directory.CreateDirectory(Path);
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

    /// <summary>Begins a run with these options, or takes up the one that was begun with the same ones.</summary>
    /// <typeparam name="T">The options' type.</typeparam>
    /// <param name="options">Everything that the run's numbers depend on.</param>
    /// <exception cref="InvalidOperationException">The folder holds a run with other options; the message lists the differences.</exception>
    public void Begin<T>(T options)
    {
        // What a killed process left half-written.
        foreach (string stale in Directory.EnumerateFiles(Path, "*.tmp"))
            File.Delete(stale);
        JsonNode? wanted = JsonSerializer.SerializeToNode(options, RunJson.Options);
        if (!File.Exists(OptionsFile))
        {
            AtomicFile.WriteText(OptionsFile, wanted!.ToJsonString(RunJson.Options) + "\n");
            return;
        }
        JsonNode? found = Parse(File.ReadAllText(OptionsFile), OptionsFile);
        var differences = new List<string>();
        Compare(found, wanted, "", differences);
        if (differences.Count > 0)
        {
            throw new InvalidOperationException(
                $"The run in '{Path}' was begun with other options: {string.Join("; ", differences)}. Choose another folder, or delete this one to begin again.");
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
        var text = new StringBuilder();
        foreach (EpochMetrics epoch in epochs)
            text.Append(JsonSerializer.Serialize(epoch, RunJson.Line)).Append('\n');
        AtomicFile.WriteText(MetricsFile, text.ToString());
    }

    /// <summary>Writes what came out, and so marks the run as finished.</summary>
    /// <typeparam name="T">The result's type.</typeparam>
    /// <param name="result">The result.</param>
    public void WriteResult<T>(T result) => AtomicFile.WriteText(ResultFile, JsonSerializer.Serialize(result, RunJson.Options) + "\n");

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

    private static void Compare(JsonNode? found, JsonNode? wanted, string at, List<string> differences)
    {
        if (found is JsonObject a && wanted is JsonObject b)
        {
            foreach (string name in a.Select(p => p.Key).Union(b.Select(p => p.Key)))
                Compare(a[name], b[name], at.Length == 0 ? name : $"{at}.{name}", differences);
        }
        else if (!JsonNode.DeepEquals(found, wanted))
        {
            differences.Add($"{at} is {found?.ToJsonString() ?? "null"} there and {wanted?.ToJsonString() ?? "null"} here");
        }
    }
}
