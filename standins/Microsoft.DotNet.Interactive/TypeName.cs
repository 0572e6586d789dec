namespace Microsoft.DotNet.Interactive;

/// <summary>Types as one writes them in C#.</summary>
internal static class TypeName
{
    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(bool)] = "bool", [typeof(byte)] = "byte", [typeof(sbyte)] = "sbyte", [typeof(short)] = "short", [typeof(ushort)] = "ushort",
        [typeof(int)] = "int", [typeof(uint)] = "uint", [typeof(long)] = "long", [typeof(ulong)] = "ulong", [typeof(float)] = "float",
        [typeof(double)] = "double", [typeof(decimal)] = "decimal", [typeof(char)] = "char", [typeof(string)] = "string", [typeof(object)] = "object",
    };

    /// <summary>With namespaces, as source: <c>System.Collections.Generic.List&lt;int&gt;</c>.</summary>
    public static string InCSharp(Type type) => Write(type, full: true);

    /// <summary>Without namespaces, for people: <c>List&lt;int&gt;</c>.</summary>
    public static string Short(Type type) => IsAnonymous(type) ? "(anonymous)" : Write(type, full: false);

    public static bool IsAnonymous(Type type) => type.Name.StartsWith("<>f__AnonymousType", StringComparison.Ordinal);

    private static string Write(Type type, bool full)
    {
        if (Keywords.TryGetValue(type, out string? keyword))
            return keyword;
        if (type.IsArray)
            return $"{Write(type.GetElementType()!, full)}[{new string(',', type.GetArrayRank() - 1)}]";
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return Write(underlying, full) + "?";

        Type[] arguments = type.GetGenericArguments();
        string name = type.IsNested && !type.IsGenericParameter ? $"{Write(type.DeclaringType!, full)}.{type.Name}" : full && type.Namespace is { } space ? $"{space}.{type.Name}" : type.Name;
        int tick = name.IndexOf('`', StringComparison.Ordinal);
        return arguments.Length == 0 ? name : $"{(tick < 0 ? name : name[..tick])}<{string.Join(", ", arguments.Select(a => Write(a, full)))}>";
    }
}
