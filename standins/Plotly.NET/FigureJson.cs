using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.FSharp.Core;

namespace Plotly.NET;

/// <summary>Values on their way into a plotly.js figure: every chart object of this assembly is a JSON object underneath.</summary>
internal static class FigureJson
{
    private static readonly JsonSerializerOptions Compact = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    internal static object? Unwrap<T>(FSharpOption<T>? option) => option is null ? null : option.Value;

    /// <summary>Sets a member unless the value is absent; absent members keep plotly.js's own default.</summary>
    internal static JsonObject Put(this JsonObject target, string name, object? value)
    {
        if (value is not null)
            target[name] = ToNode(value);
        return target;
    }

    internal static JsonObject Put<T>(this JsonObject target, string name, FSharpOption<T>? option) => target.Put(name, Unwrap(option));

    internal static JsonNode? ToNode(object? value) => value switch
    {
        null => null,
        JsonNode node => node.DeepClone(),
        string text => JsonValue.Create(text),
        bool flag => JsonValue.Create(flag),
        double number => Number(number),
        float number => Number(number),
        decimal number => JsonValue.Create(number),
        DateTime time => JsonValue.Create(time.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture)),
        byte or sbyte or short or ushort or int or uint or long => JsonValue.Create(Convert.ToInt64(value, CultureInfo.InvariantCulture)),
        ulong number => JsonValue.Create(number),
        Color color => color.Json.DeepClone(),
        Font part => part.Json.DeepClone(),
        Title part => part.Json.DeepClone(),
        Line part => part.Json.DeepClone(),
        Layout part => part.Json.DeepClone(),
        Config part => part.Json.DeepClone(),
        ColorBar part => part.Json.DeepClone(),
        TraceObjects.Marker part => part.Json.DeepClone(),
        TraceObjects.Error part => part.Json.DeepClone(),
        LayoutObjects.Annotation part => part.Json.DeepClone(),
        LayoutObjects.Shape part => part.Json.DeepClone(),
        LayoutObjects.LinearAxis part => part.Json.DeepClone(),
        LayoutObjects.Legend part => part.Json.DeepClone(),
        LayoutObjects.Margin part => part.Json.DeepClone(),
        StyleParam.Range range => range.Json.DeepClone(),
        StyleParam.Colorscale scale => JsonValue.Create(scale.ToString()),
        System.Collections.IEnumerable items => new JsonArray([.. items.Cast<object?>().Select(ToNode)]),
        // What is left are the named choices of StyleParam, whose text is plotly.js's.
        _ => Choice(value.ToString()!),
    };

    internal static string Write(JsonNode node) => node.ToJsonString(Compact);

    // As Newtonsoft writes them; plotly.js takes either for a gap.
    private static JsonValue Number(double value) =>
        double.IsFinite(value) ? JsonValue.Create(value) : JsonValue.Create(value.ToString(CultureInfo.InvariantCulture));

    private static JsonValue Choice(string text) => text switch
    {
        "true" => JsonValue.Create(true),
        "false" => JsonValue.Create(false),
        _ => JsonValue.Create(text),
    };

    /// <summary>Lays <paramref name="over"/> on <paramref name="under"/>: objects are merged, lists of annotations and shapes are joined, everything else is replaced.</summary>
    internal static JsonObject Merge(JsonObject under, JsonObject over)
    {
        var merged = (JsonObject)under.DeepClone();
        foreach ((string name, JsonNode? value) in over)
        {
            merged[name] = (merged[name], value, name) switch
            {
                (JsonObject below, JsonObject above, _) => Merge(below, above),
                (JsonArray below, JsonArray above, "annotations" or "shapes" or "images") =>
                    new JsonArray([.. below.Concat(above).Select(item => item?.DeepClone())]),
                _ => value?.DeepClone(),
            };
        }
        return merged;
    }
}
