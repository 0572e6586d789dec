using System.Collections;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Html;

namespace Microsoft.DotNet.Interactive.Formatting;

/// <summary>Values as plain text.</summary>
public static class PlainTextFormatter
{
    public const string MimeType = "text/plain";

    internal static void Write(object? value, TextWriter writer, int depth)
    {
        if (value is IHtmlContent html)
            html.WriteTo(writer, HtmlEncoder.Default);
        else if (Members.IsScalar(value) || depth >= Formatter.RecursionLimit)
            writer.Write(Members.Text(value));
        else if (Members.Pairs(value!) is { } pairs)
            WriteMembers(TypeName.Short(value!.GetType()), [.. pairs.Take(Formatter.ListExpansionLimit).Select(p => (Members.Text(p.Key), p.Value))], writer, depth);
        else if (value is IEnumerable sequence)
            WriteSequence(sequence, writer, depth);
        else
            WriteMembers(TypeName.Short(value!.GetType()), Members.Of(value), writer, depth);
    }

    private static void WriteMembers(string title, IReadOnlyList<(string Name, object? Value)> members, TextWriter writer, int depth)
    {
        writer.Write(title);
        foreach ((string name, object? value) in members)
        {
            writer.WriteLine();
            writer.Write(new string(' ', 4 * (depth + 1)));
            writer.Write($"{name}: ");
            Formatter.Write(value, writer, MimeType, depth + 1);
        }
    }

    private static void WriteSequence(IEnumerable sequence, TextWriter writer, int depth)
    {
        (IReadOnlyList<object?> items, int? more) = Members.Head(sequence);
        string rest = more switch { 0 => "", null => " ... (more)", _ => $" ... ({more} more)" };
        if (items.All(Members.IsScalar))
        {
            writer.Write(items.Count == 0 ? "[  ]" : $"[ {string.Join(", ", items.Select(i => i.ToDisplayString()))}{rest} ]");
            return;
        }

        writer.Write(TypeName.Short(sequence.GetType()));
        string indent = new(' ', 2 * (depth + 1));
        foreach (object? item in items)
        {
            writer.WriteLine();
            writer.Write($"{indent}- ");
            Formatter.Write(item, writer, MimeType, depth + 1);
        }

        if (rest.Length > 0)
        {
            writer.WriteLine();
            writer.Write(indent + rest.TrimStart());
        }
    }
}
