using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using Microsoft.CodeAnalysis;

namespace Microsoft.DotNet.Interactive.CSharp;

/// <summary>What the documentation file beside an assembly says of a symbol; for the framework's, the files of the SDK.</summary>
internal static partial class SymbolDocumentation
{
    private const long MaxBytes = 64 << 20;

    private static readonly ConcurrentDictionary<string, string?> Files = new();

    /// <summary>Summary, parameters and result as Markdown; null where nothing is said.</summary>
    public static string? Of(ISymbol symbol, Compilation compilation)
    {
        // What a method is made from is documented, not what it is made to.
        symbol = (symbol as IMethodSymbol)?.ReducedFrom ?? symbol;
        if (symbol.OriginalDefinition.GetDocumentationCommentId() is not { } id || symbol.ContainingAssembly is not { } assembly)
            return null;
        string? path = (compilation.GetMetadataReference(assembly) as PortableExecutableReference)?.FilePath;
        if (path is null)
            return null;
        foreach (string file in Candidates(path))
        {
            if (Member(file, id) is { } member)
                return Markdown(member);
        }

        return null;
    }

    private static IEnumerable<string> Candidates(string assembly)
    {
        string beside = Path.ChangeExtension(assembly, ".xml");
        if (File.Exists(beside))
            return [beside];
        // …/shared/Microsoft.NETCore.App/10.0.1/x.dll → …/packs/Microsoft.NETCore.App.Ref/*/ref/net*/*.xml: a type may be
        // documented with another assembly than the one that holds it.
        var root = new DirectoryInfo(RuntimeEnvironment.GetRuntimeDirectory()).Parent?.Parent?.Parent;
        string packs = Path.Combine(root?.FullName ?? "", "packs", "Microsoft.NETCore.App.Ref");
        if (!assembly.StartsWith(RuntimeEnvironment.GetRuntimeDirectory(), StringComparison.Ordinal) || !Directory.Exists(packs))
            return [];
        return Directory.GetDirectories(packs).OrderDescending(StringComparer.Ordinal).Take(1)
            .SelectMany(pack => Directory.GetFiles(pack, "*.xml", SearchOption.AllDirectories))
            .OrderByDescending(file => Path.GetFileName(file) is "System.Runtime.xml" or "System.Collections.xml" or "System.Linq.xml");
    }

    private static XElement? Member(string file, string id)
    {
        string? text = Files.GetOrAdd(file, path => new FileInfo(path).Length <= MaxBytes ? File.ReadAllText(path) : null);
        int start = text?.IndexOf($"<member name=\"{id}\">", StringComparison.Ordinal) ?? -1;
        if (start < 0)
            return null;
        int end = text!.IndexOf("</member>", start, StringComparison.Ordinal);
        try
        {
            return end < 0 ? null : XElement.Parse(text[start..(end + "</member>".Length)]);
        }
        catch (XmlException)
        {
            // Somebody's file is not well formed: then nothing is known of the symbol.
            return null;
        }
    }

    private static string? Markdown(XElement member)
    {
        var text = new StringBuilder();
        if (member.Element("summary") is { } summary)
            text.Append(Plain(summary));
        foreach (XElement parameter in member.Elements("param"))
            text.Append("\n\n`").Append(parameter.Attribute("name")?.Value).Append("`: ").Append(Plain(parameter));
        if (member.Element("returns") is { } returns)
            text.Append("\n\nReturns: ").Append(Plain(returns));
        foreach (XElement exception in member.Elements("exception"))
            text.Append("\n\nThrows `").Append(Short(exception.Attribute("cref")?.Value ?? "")).Append("`: ").Append(Plain(exception));
        return text.Length == 0 ? null : text.ToString();
    }

    private static string Plain(XElement element)
    {
        var text = new StringBuilder();
        foreach (XNode node in element.Nodes())
        {
            if (node is XText words)
                text.Append(words.Value);
            else if (node is XElement inner)
                text.Append(inner.Attribute("cref") is { } cref ? $"`{Short(cref.Value)}`" : inner.Attribute("name")?.Value ?? inner.Attribute("langword")?.Value ?? (inner.Name == "c" ? $"`{inner.Value}`" : Plain(inner)));
        }

        return Spaces().Replace(text.ToString(), " ").Trim();
    }

    private static string Short(string cref) => cref.Split('(')[0].Split('.')[^1];

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
