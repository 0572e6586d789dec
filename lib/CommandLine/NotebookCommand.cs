using System.CommandLine;
using ZeroI2V.Lab.Notebooks;

namespace ZeroI2V.Lab.CommandLine;

/// <summary><c>lab notebook run</c> and <c>lab notebook check</c>.</summary>
internal static class NotebookCommand
{
    private const string Folder = "notebooks";

    public static Command Create() => new("notebook", "Run notebooks without a client, or check that saved ones are sound.")
    {
        CreateRun(),
        CreateCheck(),
    };

    private static Command CreateRun()
    {
        var which = new Argument<string[]>("notebook") { Description = "Numbers in notebooks/, such as 01, or files.", Arity = ArgumentArity.ZeroOrMore };
        var all = new Option<bool>("--all") { Description = "Every notebook in notebooks/." };
        var set = new Option<string[]>("--set") { Description = "A parameter, as Name=value. May be given several times.", DefaultValueFactory = _ => [] };
        var output = new Option<string?>("--out") { Description = "Where to write the executed notebook: a file, or a folder for several. Default: into the notebook itself." };
        var command = new Command("run", "Run notebooks from the first cell to the last and write their outputs into the file.") { which, all, set, output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string[] paths = Find(parsed.GetValue(which)!, parsed.GetValue(all));
            Dictionary<string, string> parameters = Parameters(parsed.GetValue(set)!);
            foreach (string path in paths)
            {
                var options = new NotebookRunOptions { Parameters = parameters, Output = OutputFor(path, parsed.GetValue(output), paths.Length) };
                if (!await RunAsync(path, options, cancellationToken).ConfigureAwait(false))
                    return cancellationToken.IsCancellationRequested ? 130 : 1;
            }

            return 0;
        });
        return command;
    }

    private static Command CreateCheck()
    {
        var which = new Argument<string[]>("notebook") { Description = "Numbers in notebooks/, or files. Default: every notebook in notebooks/.", Arity = ArgumentArity.ZeroOrMore };
        var command = new Command("check", "Check that saved notebooks ran in order, without errors, on their present source, and are small.") { which };
        command.SetAction(parsed =>
        {
            string[] named = parsed.GetValue(which)!;
            int wrong = 0;
            foreach (string path in Find(named, named.Length == 0))
            {
                IReadOnlyList<string> problems = NotebookCheck.Problems(path);
                Console.WriteLine(problems.Count == 0 ? $"{path}: sound" : $"{path}:");
                foreach (string problem in problems)
                    Console.WriteLine($"  {problem}");
                wrong += problems.Count;
            }

            return wrong == 0 ? 0 : 1;
        });
        return command;
    }

    internal static async Task<bool> RunAsync(string path, NotebookRunOptions options, CancellationToken cancellationToken)
    {
        Console.WriteLine($"{path}");
        // A cell's own writing goes into the notebook; this one must keep going to the terminal.
        var progress = new Lines(Console.Out);
        NotebookRunResult result = await NotebookRunner.RunAsync(path, options, progress, cancellationToken).ConfigureAwait(false);
        string written = Path.GetRelativePath(Directory.GetCurrentDirectory(), result.Path);
        if (written.StartsWith("..", StringComparison.Ordinal))
            written = result.Path;
        if (result.Error is null)
        {
            Console.WriteLine($"{written}: {result.CellsRun} cells in {result.Elapsed.TotalSeconds:0.0} s");
            return true;
        }

        Console.Error.WriteLine($"{written}: {result.Error.Message}");
        foreach (string line in result.Error.Traceback.Skip(1))
            Console.Error.WriteLine($"  {line}");
        return false;
    }

    private static string[] Find(string[] named, bool all)
    {
        if (all == named.Length > 0)
            throw new NotebookException(all ? "--all runs every notebook: leave the names out." : "Which notebook? Give a number or a file, or --all.");
        string[] present = Directory.Exists(Folder) ? [.. Directory.GetFiles(Folder, "*.ipynb").Order(StringComparer.Ordinal)] : [];
        if (all)
            return present.Length > 0 ? present : throw new NotebookException($"There is no notebook in {Path.GetFullPath(Folder)}.");
        return [.. named.Select(name => int.TryParse(name, out int number) ? ByNumber(number, present) : name)];
    }

    private static string ByNumber(int number, string[] present) =>
        present.FirstOrDefault(path => Path.GetFileName(path).StartsWith($"{number:00}-", StringComparison.Ordinal))
        ?? throw new NotebookException($"There is no notebook {number:00} in {Path.GetFullPath(Folder)}; there are {(present.Length == 0 ? "none" : string.Join(", ", present.Select(Path.GetFileName)))}.");

    private static Dictionary<string, string> Parameters(string[] pairs)
    {
        var parameters = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string pair in pairs)
        {
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0 || !parameters.TryAdd(pair[..equals].Trim(), pair[(equals + 1)..].Trim()))
                throw new NotebookException($"--set {pair}: expected Name=value, each name once.");
        }

        return parameters;
    }

    private static string? OutputFor(string path, string? output, int count) => output switch
    {
        null => null,
        _ when count > 1 || Directory.Exists(output) || Path.EndsInDirectorySeparator(output) => Path.Combine(output, Path.GetFileName(path)),
        _ => output,
    };

    private sealed class Lines(TextWriter terminal) : IProgress<NotebookProgress>
    {
        public void Report(NotebookProgress value)
        {
            if (value.Elapsed is null)
                terminal.Write($"  [{value.Cell}/{value.Of}] {Short(value.FirstLine)}");
            else
                terminal.WriteLine($"  {value.Elapsed.Value.TotalSeconds:0.0} s");
            terminal.Flush();
        }

        private static string Short(string text) => text.Length <= 70 ? text.PadRight(70) : text[..69] + "…";
    }
}
