using System.Text.Json;
using ZeroI2V.Lab.Adapters;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Files;
using ZeroI2V.Lab.Stdha;

namespace ZeroI2V.Lab.Parity;

/// <summary>A file that a manifest lists.</summary>
/// <param name="Name">Its name inside the folder.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">Hash of its content, in hexadecimal.</param>
internal sealed record ParityFile(string Name, long Bytes, string Sha256)
{
    /// <summary>Checks that a folder holds the file as it was.</summary>
    /// <returns>Its path.</returns>
    /// <exception cref="ParityException">It is missing or changed.</exception>
    internal string Require(string folder)
    {
        string path = Path.Combine(folder, Name);
        if (!File.Exists(path))
            throw new ParityException($"{path}: the manifest lists this file, but it is missing.");
        long length = new FileInfo(path).Length;
        if (length != Bytes)
            throw new ParityException($"{path}: {length} bytes; the manifest says {Bytes}. Fetch the folder again.");
        string hash = FileHash.Sha256(path);
        return hash.Equals(Sha256, StringComparison.OrdinalIgnoreCase)
            ? path
            : throw new ParityException($"{path}: SHA-256 {hash}; the manifest says {Sha256}. Fetch the folder again.");
    }
}

/// <summary>
/// What a parity folder's <c>manifest.json</c> says: the configuration of the model that made the outputs, and the files
/// with their hashes. Whatever it states that the lab does not have is an error that names it.
/// </summary>
internal sealed record ParityManifest
{
    private const int LargestManifest = 4 << 20;

    /// <summary>Name of the folder's case.</summary>
    internal required string Name { get; init; }

    /// <summary>The file with the weights.</summary>
    internal required string Checkpoint { get; init; }

    /// <summary>The recogniser, or null where the folder is about the image model alone.</summary>
    internal required RecognizerOptions? Recognizer { get; init; }

    /// <summary>The image model.</summary>
    internal required VitOptions Backbone { get; init; }

    /// <summary>Every file with its hash.</summary>
    internal required IReadOnlyList<ParityFile> Files { get; init; }

    /// <summary>Reads a folder's manifest.</summary>
    /// <exception cref="ParityException">It is missing, malformed, or states what the lab does not have.</exception>
    internal static ParityManifest Read(string folder) => Read(folder, Parse);

    /// <summary>Reads a manifest of any kind; what is wrong with it is told with its path.</summary>
    /// <exception cref="ParityException">It is missing or malformed, or <paramref name="parse"/> refuses it.</exception>
    internal static T Read<T>(string folder, Func<JsonElement, T> parse)
    {
        string path = Path.Combine(folder, "manifest.json");
        if (!File.Exists(path))
            throw new ParityException($"{folder}: holds no manifest.json, so it is no parity folder.");
        if (new FileInfo(path).Length > LargestManifest)
            throw new ParityException($"{path}: {new FileInfo(path).Length} bytes are too many for a manifest; at most {LargestManifest} are read.");
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            return parse(document.RootElement);
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new ParityException($"{path}: {error.Message}", error);
        }
        catch (ParityException error)
        {
            throw new ParityException($"{path}: {error.Message}", error);
        }
    }

    private static ParityManifest Parse(JsonElement root)
    {
        JsonElement configuration = Get(root, "configuration");
        string activation = Get(configuration, "activation").GetString()!;
        if (activation.Replace(" ", "", StringComparison.Ordinal) != "x*sigmoid(1.702*x)")
            throw new ParityException($"states the activation '{activation}'; the lab has CLIP's, 'x*sigmoid(1.702*x)'.");
        int width = Number(configuration, "width");
        bool video = configuration.TryGetProperty("frames", out _);
        var backbone = new VitOptions
        {
            Width = width,
            Layers = Number(configuration, "layers"),
            Heads = Number(configuration, "heads"),
            PatchSize = Number(configuration, "patch"),
            Resolution = Number(configuration, "resolution"),
            MlpHidden = configuration.TryGetProperty("mlp_hidden", out _) ? Number(configuration, "mlp_hidden") : 0,
            LayerNormEps = Get(configuration, "layer_norm_eps").GetDouble(),
            Projection = configuration.TryGetProperty("projection", out _) ? Number(configuration, "projection") : 0,
        };
        backbone.Validate();
        Agrees(configuration, "head_dim", backbone.Width / backbone.Heads);
        Agrees(configuration, "tokens_per_frame", backbone.Tokens());
        Agrees(configuration, "tokens", backbone.Tokens());

        AdapterOptions? adapters = Adapters(configuration, width);
        HeadSplit heads = Heads(configuration, backbone.Heads, backbone.Width);
        bool temporal = configuration.TryGetProperty("temporal_embedding", out JsonElement embedding) && !IsNone(embedding);
        RecognizerOptions? recognizer = null;
        if (video)
        {
            recognizer = new RecognizerOptions
            {
                Backbone = backbone,
                Frames = Number(configuration, "frames"),
                Classes = Number(configuration, "classes"),
                Adapters = adapters,
                Heads = heads,
                TemporalEmbedding = temporal,
            };
            recognizer.Validate();
        }
        else if (adapters is not null || heads != HeadSplit.Spatial || temporal)
        {
            throw new ParityException("states adapters, offsets or a temporal embedding, but no number of frames.");
        }
        return new ParityManifest
        {
            Name = Get(root, "name").GetString()!,
            Checkpoint = Plain(Get(Get(root, "checkpoint"), "file").GetString()!),
            Recognizer = recognizer,
            Backbone = backbone,
            Files = ListedFiles(root),
        };
    }

    /// <summary>The files that a manifest lists.</summary>
    internal static IReadOnlyList<ParityFile> ListedFiles(JsonElement root) =>
        [.. Get(root, "files").EnumerateObject().Select(file => new ParityFile(Plain(file.Name), Get(file.Value, "bytes").GetInt64(), Get(file.Value, "sha256").GetString()!))];

    private static AdapterOptions? Adapters(JsonElement configuration, int width)
    {
        if (!configuration.TryGetProperty("adapters", out JsonElement adapters) || IsNone(adapters))
            return null;
        string act = adapters.TryGetProperty("act", out JsonElement stated) ? stated.GetString()! : "none";
        var places = AdapterPlaces.None;
        var separate = new HashSet<string>(StringComparer.Ordinal);
        foreach (JsonProperty place in Get(adapters, "placement").EnumerateObject())
            places |= place.Name switch
            {
                _ when IsNone(place.Value) => AdapterPlaces.None,
                "T_Adapter_in" => AdapterPlaces.AttentionInput,
                AdapterNames.QueryInput or AdapterNames.KeyInput or AdapterNames.ValueInput when separate.Add(place.Name) => AdapterPlaces.AttentionInput,
                "S_Adapter" => AdapterPlaces.AttentionOutput,
                "MLP_Adapter" => AdapterPlaces.MlpInput,
                "MLP_Adapter_out" => AdapterPlaces.MlpOutput,
                var other => throw new ParityException($"places an adapter at '{other}'; the lab has T_Adapter_in (or T_Adapter_in_q, _k and _v), S_Adapter, MLP_Adapter and MLP_Adapter_out."),
            };
        if (separate.Count is not (0 or 3) || (separate.Count == 3 && Get(adapters, "placement").TryGetProperty("T_Adapter_in", out JsonElement shared) && !IsNone(shared)))
            throw new ParityException($"places adapters at {string.Join(", ", separate)}; expected one T_Adapter_in, or T_Adapter_in_q, T_Adapter_in_k and T_Adapter_in_v.");
        return new AdapterOptions
        {
            Places = places,
            SeparateQueryKeyValue = separate.Count == 3,
            Scale = Get(adapters, "scale").GetDouble(),
            BottleneckRatio = (double)Number(adapters, "hidden") / width,
            Activation = act.ToUpperInvariant() switch
            {
                "NONE" or "IDENTITY" => AdapterActivation.None,
                "GELU" => AdapterActivation.Gelu,
                _ => throw new ParityException($"states adapters with '{act}' between their layers; the lab has none and GELU."),
            },
        };
    }

    /// <summary>
    /// The offsets. <c>unit</c> says what an offset belongs to (whole heads, channels, channels in every head) and which tokens move (all, the class
    /// token); <c>offset_per_head</c> or <c>offset_per_channel</c> lists them, once or for each layer; <c>meaning</c> says what happens to
    /// queries and at the border, which <c>border</c> may name too.
    /// </summary>
    private static HeadSplit Heads(JsonElement configuration, int heads, int width)
    {
        if (!configuration.TryGetProperty("frame_offsets", out JsonElement offsets) || IsNone(offsets))
            return HeadSplit.Spatial;
        string unit = offsets.TryGetProperty("unit", out JsonElement stated) ? stated.GetString()! : "";
        bool whole = unit.StartsWith("whole heads", StringComparison.Ordinal), channels = unit.StartsWith("channels", StringComparison.Ordinal);
        bool all = unit.Contains("all tokens", StringComparison.Ordinal), classToken = unit.Contains("class token", StringComparison.Ordinal);
        bool inEveryHead = channels && unit.Contains("every head", StringComparison.Ordinal);
        if (whole == channels || all == classToken)
            throw new ParityException($"states offsets for '{unit}'; the lab has offsets for 'whole heads', 'channels' and 'channels in every head', of 'all tokens' or of the 'class token'.");
        JsonElement list = Get(offsets, whole ? "offset_per_head" : "offset_per_channel");
        int[][] layers = list.EnumerateArray().Any(item => item.ValueKind == JsonValueKind.Array)
            ? [.. list.EnumerateArray().Select(Row)]
            : [Row(list)];
        int expected = whole ? heads : inEveryHead ? width / heads : width;
        if (layers.FirstOrDefault(layer => layer.Length != expected) is { } wrong)
            throw new ParityException($"gives {wrong.Length} offsets; the model has {expected} {(whole ? "heads" : inEveryHead ? "channels in a head" : "channels")}.");
        string meaning = Get(offsets, "meaning").GetString()!;
        return HeadSplit.ByLayer(layers) with
        {
            Channels = whole ? 0 : 1,
            Span = inEveryHead ? OffsetSpan.InEveryHead : OffsetSpan.AcrossHeads,
            Tokens = classToken ? ShiftedTokens.ClassToken : ShiftedTokens.All,
            Parts = Parts(meaning),
            Border = Border(offsets, meaning),
        };

        static int[] Row(JsonElement row) => [.. row.EnumerateArray().Select(item => item.GetInt32())];
    }

    private static ShiftedParts Parts(string meaning)
    {
        bool never = meaning.Contains("query is never displaced", StringComparison.Ordinal);
        bool too = meaning.Contains("query is displaced", StringComparison.Ordinal) || meaning.Contains("query, the key and the value", StringComparison.Ordinal);
        return never == too
            ? throw new ParityException($"states offsets that mean '{meaning}'; the lab must be told whether 'the query is never displaced' or 'the query is displaced' like key and value.")
            : too ? ShiftedParts.QueriesKeysAndValues : ShiftedParts.KeysAndValues;
    }

    private static BorderRule Border(JsonElement offsets, string meaning)
    {
        if (offsets.TryGetProperty("border", out JsonElement border))
            return border.GetString() switch
            {
                "own frame" => BorderRule.OwnFrame,
                "clamp" => BorderRule.Clamp,
                "wrap" => BorderRule.Wrap,
                var other => throw new ParityException($"states the border rule '{other}'; the lab has 'own frame', 'clamp' and 'wrap'."),
            };
        return meaning.Contains("keeps its own", StringComparison.Ordinal)
            ? BorderRule.OwnFrame
            : throw new ParityException($"states offsets that mean '{meaning}', and no 'border'; the lab must be told that a frame 'keeps its own' where its partner lies outside the clip, or another rule.");
    }

    private static void Agrees(JsonElement configuration, string name, int expected)
    {
        if (configuration.TryGetProperty(name, out _) && Number(configuration, name) is var stated && stated != expected)
            throw new ParityException($"states {name} {stated}; its other sizes make {expected}.");
    }

    private static bool IsNone(JsonElement element) =>
        element.ValueKind is JsonValueKind.Null or JsonValueKind.False || (element.ValueKind == JsonValueKind.String && element.GetString() is "none" or "");

    internal static int Number(JsonElement element, string name) =>
        Get(element, name).TryGetInt32(out int number) ? number : throw new ParityException($"gives no whole number for '{name}'.");

    internal static JsonElement Get(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) ? value : throw new ParityException($"lacks '{name}'.");

    /// <summary>A name of a file in the folder itself; anything that leads elsewhere is refused.</summary>
    internal static string Plain(string name) =>
        name.Length > 0 && name is not ("." or "..") && !name.Contains('/', StringComparison.Ordinal) && !name.Contains('\\', StringComparison.Ordinal) && !name.Contains('\0', StringComparison.Ordinal)
            ? name
            : throw new ParityException($"names a file '{name}'; expected a plain file name.");
}
