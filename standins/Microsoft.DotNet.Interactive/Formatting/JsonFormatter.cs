using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Microsoft.DotNet.Interactive.Formatting;

/// <summary>Values as JSON.</summary>
public static class JsonFormatter
{
    public const string MimeType = "application/json";

    private static readonly JsonSerializerOptions Options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        ReferenceHandler = ReferenceHandler.IgnoreCycles,
    };

    internal static void Write(object? value, TextWriter writer) => writer.Write(JsonSerializer.Serialize(value, value?.GetType() ?? typeof(object), Options));
}
