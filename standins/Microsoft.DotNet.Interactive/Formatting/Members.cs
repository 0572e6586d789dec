using System.Collections;
using System.Globalization;
using System.Reflection;

namespace Microsoft.DotNet.Interactive.Formatting;

/// <summary>What a value is made of, as far as its default forms care.</summary>
internal static class Members
{
    /// <summary>Whether the value is written as one piece of text.</summary>
    public static bool IsScalar(object? value) => value switch
    {
        null or string or Enum or Type or IFormattable or bool or char or Uri or Version or Delegate or Exception or Task => true,
        IEnumerable => false,
        _ => value.GetType() is var type && !HasMembers(type),
    };

    /// <summary>That piece of text.</summary>
    public static string Text(object? value) => value switch
    {
        null => Formatter.NullString,
        Type type => TypeName.Short(type),
        DateTime time => time.ToString("u", CultureInfo.InvariantCulture),
        DateTimeOffset time => time.ToString("u", CultureInfo.InvariantCulture),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? string.Empty,
    };

    /// <summary>Public fields and properties with their values; of a getter that throws, the exception.</summary>
    public static IReadOnlyList<(string Name, object? Value)> Of(object value)
    {
        if (value is System.Runtime.CompilerServices.ITuple tuple)
            return [.. Enumerable.Range(0, tuple.Length).Select(i => ($"Item{i + 1}", tuple[i]))];
        return [.. Readable(value.GetType()).Select(member => (member.Name, Get(member, value)))];
    }

    /// <summary>The first items of a sequence, and how many there are more: null where only counting them would tell.</summary>
    public static (IReadOnlyList<object?> Items, int? More) Head(IEnumerable sequence)
    {
        var items = new List<object?>();
        IEnumerator enumerator = sequence.GetEnumerator();
        try
        {
            while (enumerator.MoveNext())
            {
                if (items.Count == Formatter.ListExpansionLimit)
                    return (items, sequence is ICollection collection ? collection.Count - items.Count : null);
                items.Add(enumerator.Current);
            }
        }
        finally
        {
            (enumerator as IDisposable)?.Dispose();
        }

        return (items, 0);
    }

    /// <summary>Keys and values, where the value is a dictionary.</summary>
    public static IEnumerable<(object? Key, object? Value)>? Pairs(object value)
    {
        if (value is IDictionary dictionary)
            return Entries(dictionary);
        Type? pair = value.GetType().GetInterfaces()
            .Where(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>))
            .Select(i => typeof(KeyValuePair<,>).MakeGenericType(i.GetGenericArguments())).FirstOrDefault();
        if (pair is null)
            return null;
        PropertyInfo key = pair.GetProperty("Key")!, item = pair.GetProperty("Value")!;
        return ((IEnumerable)value).Cast<object>().Select(p => (key.GetValue(p), item.GetValue(p)));
    }

    private static IEnumerable<(object? Key, object? Value)> Entries(IDictionary dictionary)
    {
        foreach (DictionaryEntry entry in dictionary)
            yield return (entry.Key, entry.Value);
    }

    private static bool HasMembers(Type type) => typeof(System.Runtime.CompilerServices.ITuple).IsAssignableFrom(type) || Readable(type).Any();

    private static IEnumerable<MemberInfo> Readable(Type type) => type
        .GetMembers(BindingFlags.Public | BindingFlags.Instance)
        .Where(member => member switch
        {
            PropertyInfo property => property.GetMethod is { IsPublic: true } && property.GetIndexParameters().Length == 0 && IsValue(property.PropertyType),
            FieldInfo field => IsValue(field.FieldType),
            _ => false,
        })
        .DistinctBy(member => member.Name);

    private static bool IsValue(Type type) => !type.IsByRef && !type.IsByRefLike && !type.IsPointer && !type.IsFunctionPointer;

    private static object? Get(MemberInfo member, object value)
    {
        try
        {
            return member is PropertyInfo property ? property.GetValue(value) : ((FieldInfo)member).GetValue(value);
        }
        catch (TargetInvocationException exception)
        {
            return exception.InnerException ?? exception;
        }
    }
}
