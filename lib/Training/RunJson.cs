using System.Text.Json;
using System.Text.Json.Serialization;

namespace ZeroI2V.Lab.Training;

/// <summary>The one way in which a run's records become JSON: camel case, enums by name, unknown names refused.</summary>
public static class RunJson
{
    /// <summary>Indented, for files that people read.</summary>
    public static JsonSerializerOptions Options { get; } = Create(indented: true);

    /// <summary>One line, for files with a record a line.</summary>
    public static JsonSerializerOptions Line { get; } = Create(indented: false);

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

    private static JsonSerializerOptions Create(bool indented) => new(JsonSerializerDefaults.General)
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        WriteIndented = indented,
        Converters = { new JsonStringEnumConverter() },
    };
}
