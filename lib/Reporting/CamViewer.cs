using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using ZeroI2V.Lab.GradCam;
using ZeroI2V.Lab.VideoData;

namespace ZeroI2V.Lab.Reporting;

/// <summary>A model whose maps a viewer shows.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Depth">L, its blocks.</param>
/// <param name="Maps">Its maps: every layer with every method and score, in the same order.</param>
/// <param name="ClassNames">Names of its classes; empty where it has none, as an image model without directions.</param>
/// <param name="Note">What to know when it stands beside others.</param>
public sealed record CamViewedModel(string Name, int Depth, ClipMaps Maps, IReadOnlyList<string> ClassNames, string Note = "");

/// <summary>
/// Maps to look into: one HTML page that needs nothing but itself, to scrub through frames and choose model, heads, layer, class and
/// method, with the keyboard too. Raw numbers are in the page, to a 32,767th of the largest of their layer, method and score.
/// </summary>
public sealed record CamViewer
{
    private const int Steps = sbyte.MaxValue;

    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The page's title.</summary>
    public required string Title { get; init; }

    /// <summary>What was looked into, and that data are made where they are.</summary>
    public required string Subtitle { get; init; }

    /// <summary>The frames that the models saw.</summary>
    public required FrameStack Frames { get; init; }

    /// <summary>What stands under each frame.</summary>
    public required IReadOnlyList<string> FrameLabels { get; init; }

    /// <summary>The models, the one that is shown first.</summary>
    public required IReadOnlyList<CamViewedModel> Models { get; init; }

    /// <summary>The page.</summary>
    /// <exception cref="CamException">Maps and frames do not fit each other.</exception>
    public string ToHtml()
    {
        using Stream? stream = typeof(CamViewer).Assembly.GetManifestResourceStream("CamViewer.html");
        using var reader = new StreamReader(stream ?? throw new InvalidOperationException("The page of the viewer is not in the program; build the lab again."));
        return reader.ReadToEnd().Replace("{{DATA}}", PlotlyHtml.Script(Data().ToJsonString(Compact)), StringComparison.Ordinal);
    }

    /// <summary>The page inside another, as a notebook shows it.</summary>
    /// <param name="height">Height in CSS pixels.</param>
    public string ToFrame(int height = 760) =>
        $"<iframe title=\"{System.Net.WebUtility.HtmlEncode(Title)}\" style=\"width:100%;height:{height}px;border:0\" sandbox=\"allow-scripts\" srcdoc=\"{System.Net.WebUtility.HtmlEncode(ToHtml())}\"></iframe>";

    private JsonObject Data()
    {
        if (Models.Count == 0 || Models.Any(model => model.Maps.Maps.Count == 0))
            throw new CamException("The viewer needs at least one model with maps.");
        MapOrigin first = Models[0].Maps.Maps[0].Origin;
        if (Models.SelectMany(model => model.Maps.Maps).FirstOrDefault(maps => maps.Origin.Frames != Frames.Count || maps.Origin.Rows != first.Rows || maps.Origin.Columns != first.Columns) is { } wrong)
            throw new CamException($"The clip has {Frames.Count} frames and the first map {first.Rows}×{first.Columns} patches; another has {wrong.Origin.Frames} frames of {wrong.Origin.Rows}×{wrong.Origin.Columns}. Show models of one size side by side.");
        if (FrameLabels.Count != Frames.Count)
            throw new CamException($"There are {FrameLabels.Count} labels for {Frames.Count} frames.");
        return new JsonObject
        {
            ["title"] = Title,
            ["subtitle"] = Subtitle,
            ["about"] = $"Place: {first.Place}. Shown is what speaks for the score; what speaks against it is cut off. Evidence of a temporal head lies in the frame that it looks at, t + Δt, unless the switch says otherwise. One scale: the most that any patch of any frame and group of heads has, in this layer, method and class.",
            ["rows"] = first.Rows,
            ["columns"] = first.Columns,
            ["fullFrom"] = CamOverlay.FullFrom,
            ["heat"] = string.Concat(Enumerable.Range(0, HeatColors.Count).Select(i => HeatColors.Of(i / (HeatColors.Count - 1f))).Select(c => $"{c.R:x2}{c.G:x2}{c.B:x2}")),
            ["labels"] = new JsonArray([.. FrameLabels.Select(label => (JsonNode)label)]),
            ["frames"] = new JsonArray([.. Enumerable.Range(0, Frames.Count).Select(t => (JsonNode)("data:image/png;base64," + Convert.ToBase64String(PngPicture.Encode(Frames.Frame(t), Frames.Width, Frames.Height))))]),
            ["models"] = new JsonArray([.. Models.Select(Model)]),
        };
    }

    private static JsonNode Model(CamViewedModel model)
    {
        int[] layers = [.. model.Maps.Maps.Select(maps => maps.Origin.Layer).Distinct().Order()];
        CamMethod[] methods = [.. model.Maps.Maps.Select(maps => maps.Origin.Method).Distinct()];
        CamScore[] scores = [.. model.Maps.Maps.Select(maps => maps.Origin.Score).Distinct()];
        LayerMaps Of(int layer, CamMethod method, CamScore score) =>
            model.Maps.Maps.FirstOrDefault(maps => maps.Origin.Layer == layer && maps.Origin.Method == method && maps.Origin.Score == score)
            ?? throw new CamException($"{model.Name} lacks maps of layer {layer} by {method} for {score}; make all layers with all methods and scores.");
        return new JsonObject
        {
            ["name"] = model.Name,
            ["note"] = model.Note,
            ["depth"] = model.Depth,
            ["layers"] = new JsonArray([.. layers.Select(layer => (JsonNode)Layer(Of(layer, methods[0], scores[0])))]),
            ["methods"] = new JsonArray([.. methods.Select(method => (JsonNode)new JsonObject { ["title"] = method.Title, ["moves"] = method.IsLookedAt(model.Maps.Maps[0].Origin.Place) })]),
            ["scores"] = new JsonArray([.. scores.Select(score => (JsonNode)Name(score, model.ClassNames))]),
            ["best"] = Best(model),
            ["maps"] = new JsonArray([.. methods.Select(method => (JsonNode)new JsonArray([.. layers.Select(layer => (JsonNode)new JsonArray([.. scores.Select(score => (JsonNode)Block(Of(layer, method, score)))]))]))]),
        };
    }

    /// <summary>A score's name, with the names of its classes.</summary>
    internal static string Name(CamScore score, IReadOnlyList<string> classNames)
    {
        return classNames.Count == 0 ? "the feature itself" : score.Against is { } against ? $"{Class(score.Class)} − {Class(against)}" : Class(score.Class);

        string Class(int? number) => number is { } known ? classNames[known] : "predicted";
    }

    private static JsonObject Layer(LayerMaps maps) => new JsonObject
    {
        ["layer"] = maps.Origin.Layer,
        ["offsets"] = new JsonArray([.. maps.Origin.Offsets.Select(offset => (JsonNode)offset)]),
        ["sources"] = new JsonArray([.. maps.Origin.Offsets.Select(offset => (JsonNode)new JsonArray([.. Stdha.FrameRelocation.Sources(maps.Origin.Frames, offset, maps.Origin.Border).Select(source => (JsonNode)source)]))]),
    };

    private static JsonArray Best(CamViewedModel model)
    {
        if (model.ClassNames.Count == 0)
            return [];
        float most = model.Maps.Logits.Max();
        double sum = model.Maps.Logits.Sum(logit => Math.Exp(logit - most));
        return new JsonArray([.. model.Maps.Logits.Index().OrderByDescending(item => item.Item).Take(5).Select(item => (JsonNode)new JsonObject
        {
            ["name"] = model.ClassNames[item.Index],
            ["share"] = Math.Round(Math.Exp(item.Item - most) / sum, 4),
        })]);
    }

    private static JsonObject Block(LayerMaps maps) => maps switch
    {
        HeadMaps heads => Packed([.. Enumerable.Range(0, maps.Origin.Offsets.Count).SelectMany(head => heads.Head(head).ToArray())]),
        _ => new JsonObject
        {
            ["groups"] = new JsonObject(HeadGroup.Of(maps.Origin.Offsets).Concat(Enumerable.Range(0, maps.Origin.Offsets.Count).Select(HeadGroup.Head)).Select(group => KeyValuePair.Create<string, JsonNode?>(group.Name, new JsonObject
            {
                ["seen"] = Packed(maps.Map(group).Values),
                ["query"] = Packed(maps.Map(group, EvidenceFrame.Query).Values),
                ["flow"] = Packed([.. maps.FrameToFrame(group).Cast<float>()]),
            }))),
        },
    };

    /// <summary>Numbers as bytes: steps of the root of their share of the largest, so that small ones keep their differences.</summary>
    private static JsonObject Packed(float[] values)
    {
        float top = values.Append(0).Max(Math.Abs);
        byte[] steps = [.. values.Select(value => unchecked((byte)(sbyte)(top > 0 ? Math.Sign(value) * Math.Round(Steps * Math.Sqrt(Math.Abs(value) / top)) : 0)))];
        return new JsonObject { ["top"] = top, ["data"] = Convert.ToBase64String(steps) };
    }
}
