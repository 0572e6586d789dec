using System.Text.Json;
using ZeroI2V.Lab.Parity;

namespace ZeroI2V.Lab.GradCam;

/// <summary>A tensor inside a model that the folder's maps are made from.</summary>
internal sealed record CamManifestPlace(string Name, CamPlace Place, int Block, string Activation, string Gradient)
{
    /// <summary>Whether only the class token's entries are stored.</summary>
    internal bool ClassTokenOnly => Activation.Contains("class_token", StringComparison.Ordinal);
}

/// <summary>Maps of some channels of a place.</summary>
internal sealed record CamManifestTarget(string Prefix, CamManifestPlace Place, int First, int End);

/// <summary>What the <c>manifest.json</c> of a folder of reference maps says.</summary>
internal sealed record CamManifest
{
    internal required string Name { get; init; }

    /// <summary>Name of the folder that holds the model and its input.</summary>
    internal required string Vectors { get; init; }

    internal required string CheckpointSha256 { get; init; }

    internal required string InputSha256 { get; init; }

    internal required IReadOnlyList<int> Classes { get; init; }

    internal required IReadOnlyList<CamManifestPlace> Places { get; init; }

    internal required IReadOnlyList<CamManifestTarget> Targets { get; init; }

    internal required IReadOnlyList<CamMethod> Methods { get; init; }

    internal required IReadOnlyList<ParityFile> Files { get; init; }

    /// <summary>Whether a folder holds reference maps rather than a model's outputs.</summary>
    internal static bool IsOne(string folder) => Directory.Exists(folder) && ParityManifest.Read(folder, root => root.TryGetProperty("targets", out _) && root.TryGetProperty("places", out _));

    /// <summary>Reads a folder's manifest.</summary>
    /// <exception cref="ParityException">It is missing, malformed, or states what the lab does not have.</exception>
    internal static CamManifest Read(string folder) => ParityManifest.Read(folder, root =>
    {
        JsonElement model = ParityManifest.Get(root, "model");
        List<CamManifestPlace> places = [.. ParityManifest.Get(root, "places").EnumerateObject().Select(Place)];
        return new CamManifest
        {
            Name = Text(root, "name"),
            Vectors = ParityManifest.Plain(Text(model, "vectors")),
            CheckpointSha256 = Text(model, "checkpoint_sha256"),
            InputSha256 = Text(model, "input_sha256"),
            Classes = [.. ParityManifest.Get(root, "target_classes").EnumerateArray().Select(item => item.GetInt32())],
            Places = places,
            Targets = [.. ParityManifest.Get(root, "targets").EnumerateArray().Select(item => Target(item, places))],
            Methods = [.. ParityManifest.Get(root, "methods").EnumerateObject().Select(item => Method(item.Name))],
            Files = ParityManifest.ListedFiles(root),
        };
    });

    private static CamManifestPlace Place(JsonProperty item) => new(
        item.Name,
        item.Name switch
        {
            "ln_1" => CamPlace.Norm,
            "attention_input" => CamPlace.AttentionInput,
            "head_value" => CamPlace.HeadValues,
            "head_output" or "previous_head_output" => CamPlace.HeadOutputs,
            _ => throw new ParityException($"states a place '{item.Name}'; the lab has ln_1, attention_input, head_value, head_output and previous_head_output."),
        },
        ParityManifest.Number(item.Value, "block"),
        Text(item.Value, "activation"),
        Text(item.Value, "gradient"));

    private static CamManifestTarget Target(JsonElement item, List<CamManifestPlace> places)
    {
        string place = Text(item, "place");
        int[] channels = [.. ParityManifest.Get(item, "channels").EnumerateArray().Select(number => number.GetInt32())];
        return new CamManifestTarget(
            Text(item, "prefix"),
            places.Find(known => known.Name == place) ?? throw new ParityException($"states maps at '{place}', which is none of its places."),
            channels is [>= 0, _] && channels[0] < channels[1] ? channels[0] : throw new ParityException($"states the channels [{string.Join(", ", channels)}]; expected two numbers, the first and the one after the last."),
            channels[1]);
    }

    private static CamMethod Method(string name) => CamMethod.Every.FirstOrDefault(method => method.Name == name && method is ChannelCam)
        ?? throw new ParityException($"states the method '{name}'; the lab has {string.Join(", ", CamMethod.Every.OfType<ChannelCam>().Select(method => method.Name))}.");

    private static string Text(JsonElement element, string name) => ParityManifest.Get(element, name).GetString() ?? throw new ParityException($"gives null for '{name}'.");
}
