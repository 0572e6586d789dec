using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace ZeroI2V.Lab.Notebooks;

/// <summary>How a notebook is run.</summary>
public sealed record NotebookRunOptions
{
    /// <summary>Parameters to set: name to value as text, typed by the variable that the notebook declares.</summary>
    public IReadOnlyDictionary<string, string> Parameters { get; init; } = new Dictionary<string, string>();

    /// <summary>Where the executed notebook is written; null for the notebook itself.</summary>
    public string? Output { get; init; }
}

/// <summary>A step of a run, for showing progress.</summary>
/// <param name="Cell">The cell's execution count, from 1.</param>
/// <param name="Of">How many cells there are to run.</param>
/// <param name="FirstLine">The first line of the cell that says something.</param>
/// <param name="Elapsed">How long it took; null when it begins.</param>
public sealed record NotebookProgress(int Cell, int Of, string FirstLine, TimeSpan? Elapsed);

/// <summary>How a run went.</summary>
/// <param name="Path">Where the executed notebook was written.</param>
/// <param name="CellsRun">How many cells ran, a failing one among them.</param>
/// <param name="Elapsed">How long it took.</param>
/// <param name="Error">Why it stopped; null if it did not.</param>
public sealed record NotebookRunResult(string Path, int CellsRun, TimeSpan Elapsed, CellError? Error);

/// <summary>
/// Runs a notebook's code cells from the first to the last in a fresh kernel, in the notebook's folder, and writes their
/// outputs into the file. At an error it stops; what was shown so far, and the error, stay in the file.
/// </summary>
public static class NotebookRunner
{
    /// <summary>The name under which the lab keeps what it knows of a run in a notebook's metadata.</summary>
    public const string MetadataName = "zeroi2v";

    // The working folder belongs to the whole process.
    private static readonly SemaphoreSlim OneAtATime = new(1, 1);

    /// <summary>Runs a notebook.</summary>
    /// <param name="path">The notebook.</param>
    /// <param name="options">Parameters and where to write.</param>
    /// <param name="progress">Told when a cell begins and when it is done.</param>
    /// <param name="cancellationToken">Stops at the running cell, which is then marked as interrupted.</param>
    /// <exception cref="NotebookException">The file is no C# notebook, or a parameter is not as the notebook declares it. Nothing is written.</exception>
    public static async Task<NotebookRunResult> RunAsync(string path, NotebookRunOptions options, IProgress<NotebookProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        // Before the working folder changes.
        path = Path.GetFullPath(path);
        string output = Path.GetFullPath(options.Output ?? path);
        NotebookFile notebook = NotebookFile.Read(path);
        CheckLanguage(notebook);
        PrepareParameters(notebook, options.Parameters);

        await OneAtATime.WaitAsync(cancellationToken).ConfigureAwait(false);
        string before = Directory.GetCurrentDirectory();
        try
        {
            Directory.SetCurrentDirectory(Path.GetDirectoryName(path)!);
            using var run = new Run(notebook, options.Parameters, progress, cancellationToken);
            NotebookRunResult result = await run.ToEndAsync(output).ConfigureAwait(false);
            notebook.Write(output);
            return result;
        }
        finally
        {
            Directory.SetCurrentDirectory(before);
            OneAtATime.Release();
        }
    }

    private static void CheckLanguage(NotebookFile notebook)
    {
        JsonObject? spec = notebook.Metadata["kernelspec"] as JsonObject;
        string language = spec?["language"]?.ToString() ?? "C#", kernel = spec?["name"]?.ToString() ?? ".net-csharp";
        if (CellSource.LanguageOf(language)?.Language != CellLanguage.CSharp)
            throw new NotebookException($"{notebook.Path} is a notebook in {language} (kernel {kernel}); the lab runs C# notebooks (kernel .net-csharp).");
    }

    private static void PrepareParameters(NotebookFile notebook, IReadOnlyDictionary<string, string> parameters)
    {
        // What an earlier run was given is no part of the notebook.
        foreach (NotebookCell old in notebook.Cells.Where(cell => cell.Tags.Contains(NotebookParameters.InjectedTag)))
            notebook.Remove(old);
        if (parameters.Count > 0 && !notebook.CodeCells.Any(cell => cell.Tags.Contains(NotebookParameters.Tag)))
            throw new NotebookException($"{notebook.Path} takes no parameters: no code cell has the tag \"{NotebookParameters.Tag}\". Give that tag to the cell that declares them, or leave --set out.");
    }

    /// <summary>One run of one notebook.</summary>
    private sealed class Run(NotebookFile notebook, IReadOnlyDictionary<string, string> parameters, IProgress<NotebookProgress>? progress, CancellationToken cancellationToken) : IDisposable
    {
        private readonly NotebookKernel _kernel = new();
        private readonly OutputRecorder _recorder = new();
        private readonly Stopwatch _clock = Stopwatch.StartNew();
        private int _count;
        private int _of;

        public async Task<NotebookRunResult> ToEndAsync(string output)
        {
            DateTime start = DateTime.UtcNow;
            foreach (NotebookCell cell in notebook.Cells.Where(cell => cell.IsCode))
            {
                cell.ExecutionCount = null;
                cell.Outputs.Clear();
            }

            IReadOnlyList<NotebookCell> cells = notebook.CodeCells;
            _of = cells.Count + (parameters.Count > 0 ? 1 : 0);
            CellError? error = null;
            foreach (NotebookCell cell in cells)
            {
                error = await RunCellAsync(cell).ConfigureAwait(false);
                if (error is null && parameters.Count > 0 && cell.Tags.Contains(NotebookParameters.Tag))
                {
                    string assignments = NotebookParameters.Assignments(await _kernel.VariablesAsync().ConfigureAwait(false), parameters);
                    error = await RunCellAsync(notebook.InsertCodeAfter(cell, NotebookParameters.InjectedTag, assignments, NotebookParameters.InjectedTag)).ConfigureAwait(false);
                }

                if (error is not null)
                    break;
            }

            _clock.Stop();
            Record(start, error);
            return new NotebookRunResult(output, _count, _clock.Elapsed, error);
        }

        public void Dispose() => _kernel.Dispose();

        private async Task<CellError?> RunCellAsync(NotebookCell cell)
        {
            string firstLine = cell.Source.Split('\n').Select(line => line.Trim()).FirstOrDefault(line => line.Length > 0 && !line.StartsWith('#')) ?? "";
            cell.ExecutionCount = ++_count;
            progress?.Report(new NotebookProgress(_count, _of, firstLine, null));
            var clock = Stopwatch.StartNew();
            _recorder.Begin(cell);
            CellError? error = await _kernel.RunAsync(_count, cell.Source, cell.Language, _recorder.Add, cancellationToken).ConfigureAwait(false);
            _recorder.End(error);
            progress?.Report(new NotebookProgress(_count, _of, firstLine, clock.Elapsed));
            return error;
        }

        /// <summary>When and with what the notebook ran, and of which sources its outputs are.</summary>
        private void Record(DateTime start, CellError? error)
        {
            var sources = new JsonObject();
            foreach (NotebookCell cell in notebook.CodeCells.Where(cell => cell.ExecutionCount is not null))
                sources[cell.Id] = cell.SourceHash;
            var given = new JsonObject();
            foreach ((string name, string value) in parameters)
                given[name] = value;
            var run = new JsonObject
            {
                ["executed"] = start.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
                ["seconds"] = Math.Round(_clock.Elapsed.TotalSeconds, 1),
                ["succeeded"] = error is null,
                ["parameters"] = given,
                ["lab"] = typeof(NotebookRunner).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion,
                ["runtime"] = RuntimeInformation.FrameworkDescription,
                ["processors"] = Environment.ProcessorCount,
                ["sources"] = sources,
            };
            // By convention a notebook calls its seed so.
            if ((_kernel.Value<int>("Seed") ?? _kernel.Value<long>("Seed")) is { } seed)
                run["seed"] = seed;
            notebook.Metadata[MetadataName] = run;
        }
    }
}
