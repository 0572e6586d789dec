using System.Text.Json.Nodes;

namespace ZeroI2V.Lab.Notebooks;

/// <summary>
/// Whether a saved notebook shows what its source says: every code cell ran, in order, without an error, no source was
/// changed since, nothing was set from outside, and the file is small.
/// </summary>
public static class NotebookCheck
{
    /// <summary>The largest executed notebook that is kept, in bytes.</summary>
    public const int MaxBytes = 1_000_000;

    /// <summary>What is wrong with a notebook, a sentence each; nothing if all is well.</summary>
    /// <exception cref="NotebookException">The file is no notebook.</exception>
    public static IReadOnlyList<string> Problems(string path)
    {
        NotebookFile notebook = NotebookFile.Read(path);
        var problems = new List<string>();
        long bytes = new FileInfo(path).Length;
        if (bytes > MaxBytes)
            problems.Add($"The file has {bytes:N0} bytes; at most {MaxBytes:N0} are kept. The largest output is of {Largest(notebook)}.");
        if (notebook.Metadata["kernelspec"]?["name"]?.ToString() != ".net-csharp")
            problems.Add($"The kernel should be .net-csharp, and is {notebook.Metadata["kernelspec"]?["name"]?.ToString() ?? "not named"}.");

        var sources = notebook.Metadata[NotebookRunner.MetadataName]?["sources"] as JsonObject;
        if (sources is null)
            problems.Add("The lab has not run this notebook. Run it with lab notebook run.");
        // Of one that never ran, this says it all.
        if (sources is null && notebook.CodeCells.All(cell => cell.ExecutionCount is null))
            return problems;
        int expected = 0;
        foreach (NotebookCell cell in notebook.CodeCells)
        {
            expected++;
            string name = $"Code cell {expected}";
            if (cell.ExecutionCount != expected)
                problems.Add($"{name} has the execution count {cell.ExecutionCount?.ToString() ?? "none"}; run in order it would be {expected}.");
            else if (sources is not null && sources[cell.Id]?.ToString() != cell.SourceHash)
                problems.Add($"{name} was changed after it ran: its outputs are of another source.");
            if (cell.Outputs.OfType<JsonObject>().FirstOrDefault(output => output["output_type"]?.ToString() == "error") is { } error)
                problems.Add($"{name} shows an error: {error["evalue"]}");
            if (cell.Tags.Contains(NotebookParameters.InjectedTag))
                problems.Add($"{name} holds parameters given from outside; a kept notebook shows its defaults.");
        }

        return problems;
    }

    private static string Largest(NotebookFile notebook)
    {
        NotebookCell? cell = notebook.CodeCells.MaxBy(cell => cell.Outputs.ToJsonString().Length);
        return cell is null ? "no cell" : $"code cell {cell.ExecutionCount?.ToString() ?? cell.Id} ({cell.Outputs.ToJsonString().Length:N0} characters)";
    }
}
