using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Html;
using Microsoft.DotNet.Interactive.Events;
using Microsoft.DotNet.Interactive.Formatting;

namespace ZeroI2V.Lab.Notebooks;

/// <summary>A value in several MIME types at once, as notebooks keep it; a client shows the richest that it can.</summary>
internal static class MimeBundle
{
    private const string PlainText = "text/plain";
    private const int MaxPlainText = 50_000;

    /// <summary>One form.</summary>
    public static JsonObject Of(string mimeType, string value) => new() { [mimeType] = Content(mimeType, value) };

    /// <summary>The forms that an event carries, and plain text for clients that show nothing else.</summary>
    public static JsonObject Of(DisplayEvent display)
    {
        var bundle = new JsonObject();
        foreach (FormattedValue form in display.FormattedValues)
            bundle[form.MimeType] = Content(form.MimeType, form.Value);
        // What is HTML by itself has no other form worth showing.
        if (!bundle.ContainsKey(PlainText) && display.Value is not (null or IHtmlContent))
            bundle[PlainText] = Content(PlainText, display.Value.ToDisplayString(PlainText));
        return bundle;
    }

    /// <summary>Whether content of this type stands in a notebook as JSON, not as text.</summary>
    public static bool IsJson(string mimeType) => mimeType == "application/json" || mimeType.EndsWith("+json", StringComparison.Ordinal);

    private static string Cut(string text) => text.Length <= MaxPlainText ? text : $"{text.AsSpan(0, MaxPlainText)}\n… cut: {text.Length - MaxPlainText:N0} characters more";

    private static JsonNode? Content(string mimeType, string value)
    {
        // HTML is not cut: half of a table is none.
        if (!IsJson(mimeType))
            return mimeType == PlainText ? Cut(value) : value;
        try
        {
            return JsonNode.Parse(value);
        }
        catch (JsonException exception)
        {
            throw new NotebookException($"A value was formatted as {mimeType}, but is no JSON: {exception.Message}", exception);
        }
    }
}
