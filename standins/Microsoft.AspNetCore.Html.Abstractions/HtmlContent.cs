using System.Text.Encodings.Web;

namespace Microsoft.AspNetCore.Html;

/// <summary>Content that can be written as HTML.</summary>
public interface IHtmlContent
{
    /// <summary>Writes the content, encoded by <paramref name="encoder"/> where it is not HTML yet.</summary>
    void WriteTo(TextWriter writer, HtmlEncoder encoder);
}

/// <summary>A string that is HTML already and is never encoded again.</summary>
public class HtmlString : IHtmlContent
{
    public static readonly HtmlString Empty = new(string.Empty);

    public HtmlString(string? value) => Value = value;

    public string? Value { get; }

    public void WriteTo(TextWriter writer, HtmlEncoder encoder)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(encoder);
        writer.Write(Value);
    }

    public override string ToString() => Value ?? string.Empty;
}
