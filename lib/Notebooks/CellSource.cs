using System.Text;
using System.Text.RegularExpressions;

namespace ZeroI2V.Lab.Notebooks;

/// <summary>What a part of a cell is written in.</summary>
internal enum CellLanguage
{
    /// <summary>C#: it is run.</summary>
    CSharp,

    /// <summary>HTML: it is shown.</summary>
    Html,

    /// <summary>Markdown: it is shown.</summary>
    Markdown,

    /// <summary>Another language: its name is shown.</summary>
    Other,
}

/// <summary>A part of a cell in one language.</summary>
/// <param name="Language">Which.</param>
/// <param name="Name">The language as the cell calls it.</param>
/// <param name="Code">The text; C# says itself in which line of which cell it stands.</param>
internal sealed record CellPart(CellLanguage Language, string Name, string Code);

/// <summary>
/// A cell in the dialect of .NET Interactive: <c>#!csharp</c>, <c>#!html</c> and <c>#!markdown</c> change the language from
/// there on, <c>#!time</c> reports how long the cell took, <c>#!import</c> runs another file's C#, <c>#r "nuget: …"</c> names a
/// package.
/// It is taken apart here and not in the kernel, so that a cell means the same on the real package, whose C# kernel alone
/// knows no directives, and on the stand-in.
/// </summary>
/// <param name="Parts">The parts in order.</param>
/// <param name="Timed">Whether the cell asks for its time.</param>
internal sealed partial record CellSource(IReadOnlyList<CellPart> Parts, bool Timed)
{
    private static readonly Dictionary<string, string> OtherLanguages = new(StringComparer.OrdinalIgnoreCase)
    {
        ["fsharp"] = "F#", ["f#"] = "F#", ["pwsh"] = "PowerShell", ["powershell"] = "PowerShell", ["sql"] = "SQL", ["kql"] = "KQL",
        ["javascript"] = "JavaScript", ["js"] = "JavaScript", ["python"] = "Python", ["python3"] = "Python", ["r"] = "R",
        ["mermaid"] = "Mermaid", ["http"] = "HTTP", ["value"] = "value", ["bash"] = "Bash", ["shellscript"] = "Bash", ["vbnet"] = "Visual Basic",
    };

    /// <summary>What the compiler and stack traces call a cell.</summary>
    public static string NameOf(int cell) => $"cell {cell}";

    /// <summary>The name by which people know a language, and whether it is one of those that cells may be written in.</summary>
    public static (CellLanguage Language, string Name)? LanguageOf(string id) => id.ToLowerInvariant() switch
    {
        "csharp" or "c#" => (CellLanguage.CSharp, "C#"),
        "html" => (CellLanguage.Html, "HTML"),
        "markdown" or "md" => (CellLanguage.Markdown, "Markdown"),
        _ when OtherLanguages.TryGetValue(id, out string? name) => (CellLanguage.Other, name),
        _ => null,
    };

    /// <summary>Takes a cell apart.</summary>
    /// <param name="source">The cell's text.</param>
    /// <param name="cell">Its execution count.</param>
    /// <param name="language">The language that it starts in; null for C#.</param>
    /// <exception cref="CellSourceException">A directive is unknown, or a file or package cannot be had.</exception>
    public static CellSource Parse(string source, int cell, string? language) => Parse(source, NameOf(cell), language, importedFrom: []);

    private static CellSource Parse(string source, string title, string? language, string[] importedFrom)
    {
        (CellLanguage current, string name) = language is null ? (CellLanguage.CSharp, "C#") : LanguageOf(language) ?? (CellLanguage.Other, language);
        var parts = new List<CellPart>();
        var text = new StringBuilder();
        bool timed = false;
        int firstLine = 1;
        string[] lines = source.ReplaceLineEndings("\n").Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i];
            // In another language these characters may mean something else, but for the words that switch languages.
            Match directive = Directive().Match(line);
            string word = directive.Groups["word"].Value;
            if (directive.Success && LanguageOf(word) is { } next)
            {
                Finish();
                (current, name) = next;
                firstLine = i + 2;
                continue;
            }

            if (directive.Success && current == CellLanguage.CSharp)
            {
                if (word == "import")
                {
                    Finish();
                    firstLine = i + 2;
                    parts.AddRange(Import(directive.Groups["rest"].Value.Trim().Trim('"'), i + 1, importedFrom));
                    continue;
                }

                if (word != "time")
                    throw new CellSourceException(i + 1, $"#!{word} is not known here. Known are #!csharp, #!html, #!markdown, #!import and #!time; cells in other languages are shown by name and not run.");
                timed = true;
                line = "";
            }
            else if (current == CellLanguage.CSharp && NuGet().Match(line) is { Success: true } package)
            {
                // All on the line that names the package, so that the lines below keep their numbers.
                Finish();
                firstLine = i + 2;
                string version = package.Groups["version"].Value.Trim();
                IEnumerable<string> references = NotebookPackages.Locate(package.Groups["name"].Value.Trim(), version, i + 1).Select(file => $"#r \"{file}\"\n");
                parts.Add(new CellPart(current, name, string.Concat(references)));
                continue;
            }

            text.Append(line).Append('\n');
        }

        Finish();
        return new CellSource(parts, timed);

        void Finish()
        {
            string code = text.ToString();
            text.Clear();
            if (string.IsNullOrWhiteSpace(code))
                return;
            // The compiler then speaks of "cell 3" and its lines, in errors and in stack traces.
            parts.Add(new CellPart(current, name, current == CellLanguage.CSharp ? $"#line {firstLine} \"{title}\"\n{code}" : code.Trim('\n')));
        }
    }

    /// <summary>The parts of another file: a C# script, or the code cells of a notebook.</summary>
    private static IReadOnlyList<CellPart> Import(string path, int line, string[] importedFrom)
    {
        string full = Path.GetFullPath(path);
        if (importedFrom.Contains(full, StringComparer.Ordinal))
            throw new CellSourceException(line, $"#!import {path}: the file imports itself, by way of {string.Join(", ", importedFrom.Select(Path.GetFileName))}.");
        if (!File.Exists(full))
            throw new CellSourceException(line, $"#!import {path}: there is no file {full}.");
        string kind = Path.GetExtension(path).ToLowerInvariant(), title = Path.GetFileName(path).Replace('"', '\'');
        if (kind is not (".cs" or ".csx" or ".ipynb"))
            throw new CellSourceException(line, $"#!import {path}: expected a file .cs, .csx or .ipynb.");
        string[] chain = [.. importedFrom, full];
        try
        {
            return kind == ".ipynb"
                ? [.. NotebookFile.Read(full).CodeCells.SelectMany((cell, i) => Parse(cell.Source, $"{title}, code cell {i + 1}", cell.Language, chain).Parts)]
                : Parse(File.ReadAllText(full), title, null, chain).Parts;
        }
        catch (Exception exception) when (exception is NotebookException or CellSourceException)
        {
            throw new CellSourceException(line, $"#!import {path}: {exception.Message}");
        }
    }

    /// <summary>A cell with all that is not C# taken out and every other letter where it was: for whoever asks the compiler about a place.</summary>
    public static string CSharpOnly(string source)
    {
        var code = new StringBuilder(source.Length);
        bool csharp = true;
        foreach (string line in source.Split('\n'))
        {
            Match directive = Directive().Match(line);
            if (directive.Success && LanguageOf(directive.Groups["word"].Value) is { } next)
                csharp = next.Language == CellLanguage.CSharp;
            code.Append(csharp && !directive.Success && !NuGet().IsMatch(line) ? line : new string(' ', line.Length)).Append('\n');
        }

        return code.ToString(0, source.Length);
    }

    [GeneratedRegex(@"^\s*#!(?<word>[\w#+-]+)(?<rest>.*)$")]
    private static partial Regex Directive();

    [GeneratedRegex("""^\s*#r\s+"nuget:\s*(?<name>[^,"]+)(,(?<version>[^"]*))?"\s*$""", RegexOptions.IgnoreCase)]
    private static partial Regex NuGet();
}

/// <summary>A cell that cannot be taken apart.</summary>
internal sealed class CellSourceException : Exception
{
    /// <summary>At a line of the cell, from 1.</summary>
    public CellSourceException(int line, string message)
        : base(message) => Line = line;

    /// <summary>The line in the cell, from 1.</summary>
    public int Line { get; }
}
