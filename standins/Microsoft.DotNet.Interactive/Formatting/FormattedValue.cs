namespace Microsoft.DotNet.Interactive.Formatting;

/// <summary>A value in one of its forms.</summary>
public class FormattedValue
{
    public FormattedValue(string mimeType, string value)
    {
        MimeType = string.IsNullOrWhiteSpace(mimeType) ? throw new ArgumentException("Value cannot be null or whitespace.", nameof(mimeType)) : mimeType;
        Value = value;
    }

    public string MimeType { get; }

    public string Value { get; }

    /// <summary>The value in each of these forms, or in those that its type prefers.</summary>
    public static IReadOnlyList<FormattedValue> CreateManyFromObject(object? value, params string[] mimeTypes)
    {
        IEnumerable<string> types = mimeTypes is { Length: > 0 } ? mimeTypes : Formatter.GetPreferredMimeTypesFor(value?.GetType());
        return [.. types.Select(mimeType => new FormattedValue(mimeType, value.ToDisplayString(mimeType)))];
    }

    public override string ToString() => $"{MimeType}: {Value}";
}
