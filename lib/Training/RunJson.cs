using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace ZeroI2V.Lab.Training;

/// <summary>The one way in which a run's records become JSON: camel case, enums by name, unknown names refused.</summary>
public static class RunJson
{
    /// <summary>Indented, for files that people read.</summary>
    public static JsonSerializerOptions Options { get; } = Create(indented: true);

    /// <summary>One line, for files with a record a line.</summary>
    public static JsonSerializerOptions Line { get; } = Create(indented: false);

    /// <summary>With the values that files leave out because they are the default: a setting may name any of them.</summary>
    private static readonly JsonSerializerOptions s_complete = new(Options)
    {
        TypeInfoResolver = new DefaultJsonTypeInfoResolver
        {
            Modifiers =
            {
                type =>
                {
                    foreach (JsonPropertyInfo property in type.Properties.Where(property => property.Set is not null))
                        property.ShouldSerialize = (_, _) => true;
                },
            },
        },
    };

    /// <summary>Reads one record and says what is wrong with it where that fails.</summary>
    /// <typeparam name="T">The record's type.</typeparam>
    /// <param name="json">The JSON text.</param>
    /// <param name="what">What the text is, for the error: "training options", a file's path.</param>
    /// <returns>The record, not validated.</returns>
    /// <exception cref="ArgumentException">The text is not JSON of this type, or has names the type does not know.</exception>
    public static T Read<T>(string json, string what)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json, Options)
                ?? throw new ArgumentException($"The {what} must be a JSON object; found null.", nameof(json));
        }
        catch (JsonException e)
        {
            throw new ArgumentException($"The {what} could not be read as {typeof(T).Name}: {e.Message} Correct the name or value at that place.", nameof(json), e);
        }
    }

    /// <summary>Changes single values of a record: what <c>--set training.epochs=20</c> does.</summary>
    /// <typeparam name="T">The record's type.</typeparam>
    /// <param name="options">The record.</param>
    /// <param name="assignments">Each <c>path.to.name=value</c>, names as in the JSON, the value as JSON or as plain text.</param>
    /// <returns>A changed record, not validated.</returns>
    /// <exception cref="ArgumentException">A text is no assignment, a name is not known, or a value is of another kind.</exception>
    public static T With<T>(T options, IEnumerable<string> assignments)
    {
        ArgumentNullException.ThrowIfNull(assignments);
        JsonNode root = JsonSerializer.SerializeToNode(options, s_complete)!;
        foreach (string assignment in assignments)
        {
            int equals = assignment.IndexOf('=', StringComparison.Ordinal);
            string[] path = equals < 1 ? [] : assignment[..equals].Split('.');
            JsonNode? at = root;
            foreach (string name in path.SkipLast(1))
                at = (at as JsonObject)?[name];
            if (path.Length == 0 || at is not JsonObject parent || !parent.ContainsKey(path[^1]))
            {
                string known = at is JsonObject o ? string.Join(", ", o.Select(p => p.Key)) : string.Join(", ", root.AsObject().Select(p => p.Key));
                throw new ArgumentException($"A setting must be name=value with a known name ({known}); found '{assignment}'.", nameof(assignments));
            }
            parent[path[^1]] = Value(assignment[(equals + 1)..]);
        }
        return Read<T>(root.ToJsonString(), $"settings {string.Join(", ", assignments)}");
    }

    /// <summary>Where two records differ.</summary>
    /// <param name="first">One record as JSON.</param>
    /// <param name="second">The other.</param>
    /// <returns>The differing values as JSON with their place, such as <c>training.seed</c>; "null" where one lacks it.</returns>
    public static IReadOnlyList<(string Place, string First, string Second)> Differences(JsonNode? first, JsonNode? second)
    {
        var differences = new List<(string, string, string)>();
        Compare(first, second, "");
        return differences;

        void Compare(JsonNode? a, JsonNode? b, string at)
        {
            if (a is JsonObject x && b is JsonObject y)
            {
                foreach (string name in x.Select(p => p.Key).Union(y.Select(p => p.Key)))
                    Compare(x[name], y[name], at.Length == 0 ? name : $"{at}.{name}");
            }
            else if (!JsonNode.DeepEquals(a, b))
            {
                differences.Add((at, a?.ToJsonString(Line) ?? "null", b?.ToJsonString(Line) ?? "null"));
            }
        }
    }

    private static JsonNode? Value(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return JsonValue.Create(text);
        }
    }

    private static JsonSerializerOptions Create(bool indented) => new(JsonSerializerDefaults.General)
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        // Pairs of labels are tuples, whose parts are fields.
        IncludeFields = true,
        WriteIndented = indented,
        Converters = { new JsonStringEnumConverter() },
    };
}
