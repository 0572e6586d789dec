using System.Globalization;
using System.Text;

namespace ZeroI2V.Lab.Notebooks;

/// <summary>
/// Values given from outside, after papermill's convention: the cell tagged <c>parameters</c> declares variables with
/// their defaults, and a cell inserted after it, tagged <c>injected-parameters</c>, assigns what was given.
/// </summary>
internal static class NotebookParameters
{
    /// <summary>The tag of the cell that declares them.</summary>
    public const string Tag = "parameters";

    /// <summary>The tag of the cell that sets them.</summary>
    public const string InjectedTag = "injected-parameters";

    /// <summary>The source of the inserted cell.</summary>
    /// <param name="declared">The types of the variables that are there after the cell that declares the parameters.</param>
    /// <param name="values">Name to value as text.</param>
    /// <exception cref="NotebookException">A name is not declared, or a value is not of its type.</exception>
    public static string Assignments(IReadOnlyDictionary<string, Type> declared, IReadOnlyDictionary<string, string> values)
    {
        var source = new StringBuilder("// Given with --set.");
        foreach ((string name, string value) in values)
        {
            Type type = declared.GetValueOrDefault(name)
                ?? throw new NotebookException($"--set {name}={value}: the notebook declares no parameter {name}. It declares {string.Join(", ", declared.OrderBy(d => d.Key, StringComparer.Ordinal).Select(d => $"{d.Key} ({Name(d.Value)})"))}.");
            source.Append('\n').Append($"{name} = {Literal(type, value, name)};");
        }

        return source.ToString();
    }

    private static string Literal(Type type, string text, string name)
    {
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return text == "null" ? "null" : Literal(underlying, text, name);
        if (type.IsArray && type.GetArrayRank() == 1)
            return $"[{string.Join(", ", text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(item => Literal(type.GetElementType()!, item, name)))}]";
        if (type.IsEnum)
        {
            string member = Enum.GetNames(type).FirstOrDefault(n => string.Equals(n, text, StringComparison.OrdinalIgnoreCase)) ?? throw Wrong($"one of {string.Join(", ", Enum.GetNames(type))}");
            return $"{type.FullName!.Replace('+', '.')}.{member}";
        }

        CultureInfo culture = CultureInfo.InvariantCulture;
        return Type.GetTypeCode(type) switch
        {
            TypeCode.Boolean => bool.TryParse(text, out bool value) ? (value ? "true" : "false") : throw Wrong("true or false"),
            TypeCode.Int32 => int.TryParse(text, NumberStyles.AllowLeadingSign, culture, out int value) ? value.ToString(culture) : throw Wrong("a whole number"),
            TypeCode.Int64 => long.TryParse(text, NumberStyles.AllowLeadingSign, culture, out long value) ? value.ToString(culture) + "L" : throw Wrong("a whole number"),
            TypeCode.Single => float.TryParse(text, NumberStyles.Float, culture, out float value) && float.IsFinite(value) ? value.ToString("R", culture) + "f" : throw Wrong("a number"),
            TypeCode.Double => double.TryParse(text, NumberStyles.Float, culture, out double value) && double.IsFinite(value) ? value.ToString("R", culture) + "d" : throw Wrong("a number"),
            TypeCode.Decimal => decimal.TryParse(text, NumberStyles.Number, culture, out decimal value) ? value.ToString(culture) + "m" : throw Wrong("a number"),
            TypeCode.String => Quoted(text),
            _ => throw new NotebookException($"--set {name}={text}: {name} is of type {Name(type)}. Parameters may be bool, int, long, float, double, decimal, string, an enumeration, or an array or nullable of these."),
        };

        NotebookException Wrong(string expected) => new($"--set {name}={text}: {name} is of type {Name(type)}, so {expected} was expected.");
    }

    private static string Quoted(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (char c in text)
        {
            if (c is '"' or '\\')
                quoted.Append('\\').Append(c);
            else if (char.IsControl(c) || c is '\u2028' or '\u2029')
                quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else
                quoted.Append(c);
        }

        return quoted.Append('"').ToString();
    }

    private static string Name(Type type) => Nullable.GetUnderlyingType(type) is { } underlying ? Name(underlying) + "?"
        : type.IsArray ? Name(type.GetElementType()!) + "[]"
        : type == typeof(int) ? "int" : type == typeof(long) ? "long" : type == typeof(float) ? "float" : type == typeof(bool) ? "bool"
        : type.IsPrimitive || type == typeof(string) || type == typeof(decimal) ? type.Name.ToLowerInvariant() : type.Name;
}
