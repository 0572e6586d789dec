using System.Collections.Concurrent;

namespace Microsoft.DotNet.Interactive.Formatting;

/// <summary>How values of a type are written in a MIME type: what was registered for the type, or for the nearest of its bases and interfaces.</summary>
public static class Formatter
{
    private static readonly ConcurrentDictionary<(Type Type, string MimeType), Action<object, TextWriter>> Registered = new();
    private static readonly ConcurrentDictionary<Type, string[]> Preferred = new();

    static Formatter() => ResetToDefault();

    /// <summary>The form of values whose type prefers none.</summary>
    public static string DefaultMimeType { get; set; } = HtmlFormatter.MimeType;

    /// <summary>How many items of a sequence are written.</summary>
    public static int ListExpansionLimit { get; set; } = 20;

    /// <summary>How deep members of members are written.</summary>
    public static int RecursionLimit { get; set; } = 6;

    public static string NullString { get; set; } = "<null>";

    public static void Register<T>(Func<T, string> formatter, string mimeType = PlainTextFormatter.MimeType)
    {
        ArgumentNullException.ThrowIfNull(formatter);
        Register(typeof(T), (value, writer) => writer.Write(formatter((T)value)), mimeType);
    }

    public static void Register<T>(Action<T, TextWriter> formatter, string mimeType = PlainTextFormatter.MimeType)
    {
        ArgumentNullException.ThrowIfNull(formatter);
        Register(typeof(T), (value, writer) => formatter((T)value, writer), mimeType);
    }

    public static void Register(Type type, Action<object, TextWriter> formatter, string mimeType = PlainTextFormatter.MimeType)
    {
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(formatter);
        ArgumentException.ThrowIfNullOrWhiteSpace(mimeType);
        Registered[(type, mimeType)] = formatter;
    }

    public static void SetPreferredMimeTypesFor(Type type, params string[] preferredMimeTypes)
    {
        ArgumentNullException.ThrowIfNull(type);
        if (preferredMimeTypes is not { Length: > 0 } || preferredMimeTypes.Any(string.IsNullOrWhiteSpace))
            throw new ArgumentException("Value cannot be null, empty or whitespace.", nameof(preferredMimeTypes));
        Preferred[type] = [.. preferredMimeTypes];
    }

    public static IReadOnlyCollection<string> GetPreferredMimeTypesFor(Type? type)
    {
        // The string "<null>", written by HTML's formatter.
        if (type is null)
            return [DefaultMimeType];
        return Nearest(type, Preferred.ContainsKey) is { } nearest ? Preferred[nearest] : [DefaultMimeType];
    }

    public static void ResetToDefault()
    {
        Registered.Clear();
        Preferred.Clear();
        SetPreferredMimeTypesFor(typeof(string), PlainTextFormatter.MimeType);
    }

    public static string ToDisplayString(this object? obj, string mimeType = PlainTextFormatter.MimeType)
    {
        var writer = new StringWriter();
        Write(obj, writer, mimeType, depth: 0);
        return writer.ToString();
    }

    /// <summary>Writes a value inside another one, <paramref name="depth"/> levels down.</summary>
    internal static void Write(object? value, TextWriter writer, string mimeType, int depth)
    {
        if (value is not null && Nearest(value.GetType(), type => Registered.ContainsKey((type, mimeType))) is { } nearest)
            Registered[(nearest, mimeType)](value, writer);
        else if (mimeType == HtmlFormatter.MimeType)
            HtmlFormatter.Write(value, writer, depth);
        else if (mimeType is JsonFormatter.MimeType)
            JsonFormatter.Write(value, writer);
        else
            PlainTextFormatter.Write(value, writer, depth);
    }

    /// <summary>Of the types that a value of <paramref name="type"/> is, the nearest one with this quality: itself, its bases, its interfaces, object.</summary>
    private static Type? Nearest(Type type, Func<Type, bool> has)
    {
        for (Type? own = type; own is not null && own != typeof(object); own = own.BaseType)
        {
            if (has(own))
                return own;
            if (own.IsGenericType && has(own.GetGenericTypeDefinition()))
                return own.GetGenericTypeDefinition();
        }

        foreach (Type contract in type.GetInterfaces().OrderByDescending(i => i.GetInterfaces().Length))
        {
            if (has(contract))
                return contract;
            if (contract.IsGenericType && has(contract.GetGenericTypeDefinition()))
                return contract.GetGenericTypeDefinition();
        }

        return has(typeof(object)) ? typeof(object) : null;
    }
}
