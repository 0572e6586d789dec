using System.Text.Json.Nodes;
using ZeroI2V.Lab.Notebooks;

namespace ZeroI2V.Lab.Tests.Notebooks;

/// <summary>Runs change the working folder, which belongs to the whole process: nothing else runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class WorkingFolder
{
    public const string Name = "Working folder";
}

/// <summary>A notebook in a folder of its own that is gone after the test.</summary>
internal sealed class TemporaryNotebook : IDisposable
{
    private readonly JsonArray _cells = [];

    public string Folder { get; } = Directory.CreateTempSubdirectory("lab-notebook-").FullName;

    public string Path => System.IO.Path.Combine(Folder, "test.ipynb");

    public TemporaryNotebook Code(string source, string? tag = null, string? kernel = null)
    {
        var metadata = new JsonObject();
        if (tag is not null)
            metadata["tags"] = new JsonArray(tag);
        if (kernel is not null)
            metadata["polyglot_notebook"] = new JsonObject { ["kernelName"] = kernel };
        _cells.Add(new JsonObject { ["cell_type"] = "code", ["execution_count"] = null, ["id"] = $"c{_cells.Count}", ["metadata"] = metadata, ["outputs"] = new JsonArray(), ["source"] = source });
        return this;
    }

    public TemporaryNotebook Markdown(string source)
    {
        _cells.Add(new JsonObject { ["cell_type"] = "markdown", ["id"] = $"c{_cells.Count}", ["metadata"] = new JsonObject(), ["source"] = source, ["attachments"] = new JsonObject() });
        return this;
    }

    public TemporaryNotebook Save()
    {
        var root = new JsonObject
        {
            ["cells"] = _cells.DeepClone(),
            ["metadata"] = new JsonObject
            {
                ["kernelspec"] = new JsonObject { ["display_name"] = ".NET (C#)", ["language"] = "C#", ["name"] = ".net-csharp" },
                ["somebody_elses"] = new JsonObject { ["answer"] = 42 },
            },
            ["nbformat"] = 4,
            ["nbformat_minor"] = 5,
        };
        File.WriteAllText(Path, root.ToJsonString());
        return this;
    }

    public Task<NotebookRunResult> RunAsync(params (string Name, string Value)[] parameters) => NotebookRunner.RunAsync(
        Path,
        new NotebookRunOptions { Parameters = parameters.ToDictionary(p => p.Name, p => p.Value) },
        cancellationToken: TestContext.Current.CancellationToken);

    /// <summary>The notebook as it stands in the file now.</summary>
    public NotebookFile Read() => NotebookFile.Read(Path);

    /// <summary>The outputs of a code cell, from 1, each in a line: stdout, stderr, or the plain text of a value, or the error.</summary>
    public string[] Outputs(int cell) => [.. Read().CodeCells[cell - 1].Outputs.Select(output => (string?)output!["output_type"] switch
    {
        "stream" => $"{output["name"]}: {Text(output["text"])}",
        "error" => $"error: {output["evalue"]}",
        var type => $"{type}: {Text(output["data"]!["text/plain"] ?? output["data"]!["text/html"] ?? output["data"]!["text/markdown"])}",
    })];

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static string Text(JsonNode? lines) => string.Concat(((JsonArray)lines!).Select(line => (string?)line)).TrimEnd('\n');
}
