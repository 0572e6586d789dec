using System.Text.Json;
using System.Text.Json.Serialization;

namespace ZeroI2V.Lab.Backbone;

/// <summary>Options as checkpoints carry them: a name that the options lack is an error, and so is a null.</summary>
internal static class OptionsJson
{
    private static readonly JsonSerializerOptions Json = new()
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        Converters = { new JsonStringEnumConverter() },
    };

    internal static string Write<T>(T options) => JsonSerializer.Serialize(options, Json);

    /// <exception cref="ArgumentException">The text is no such options.</exception>
    internal static T Read<T>(string json, string whose)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json, Json) ?? throw new ArgumentException($"The {whose}'s options are null.", nameof(json));
        }
        catch (JsonException error)
        {
            throw new ArgumentException($"The {whose}'s options cannot be read: {error.Message}", nameof(json), error);
        }
    }
}
