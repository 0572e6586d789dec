using System.Globalization;
using TorchSharp;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Checkpoints;
using ZeroI2V.Lab.Evaluation;
using ZeroI2V.Lab.GradCam;
using ZeroI2V.Lab.VideoData;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Reporting;

/// <summary>A model that is looked into, with names.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Subject">The model.</param>
/// <param name="ClassNames">Names of its classes; empty for an image model without directions.</param>
/// <param name="Note">What to know when it stands beside others.</param>
public sealed record CamNamedSubject(string Name, CamSubject Subject, IReadOnlyList<string> ClassNames, string Note = "")
{
    /// <summary>A recogniser under its usual name: STDHA where it has temporal heads.</summary>
    /// <param name="model">The recogniser.</param>
    /// <param name="classNames">Names of its classes.</param>
    public static CamNamedSubject Of(VideoRecognizer model, IReadOnlyList<string> classNames)
    {
        ArgumentNullException.ThrowIfNull(model);
        return new CamNamedSubject(model.Options.Heads.IsSpatial ? "recogniser" : "STDHA", CamSubject.Of(model), classNames);
    }

    /// <summary>An image model whose feature is shown for want of classes.</summary>
    /// <param name="name">What it is called.</param>
    /// <param name="subject">The model (<see cref="CamSubject.FrameByFrame"/> without directions).</param>
    public static CamNamedSubject Feature(string name, CamSubject subject) => new(name, subject, [], "its feature; a scale of its own");
}

/// <summary>One clip, seen through one or several models: their maps, as a sheet, a moving picture, a page to look into, and numbers.</summary>
public sealed record CamLook
{
    /// <summary>What is shown.</summary>
    public required string Title { get; init; }

    /// <summary>Whether the clip was made by a program; everything that is shown says so.</summary>
    public required bool Synthetic { get; init; }

    /// <summary>The clip.</summary>
    public required CamClip Clip { get; init; }

    /// <summary>The models, the one that matters first.</summary>
    public required IReadOnlyList<CamViewedModel> Models { get; init; }

    /// <summary>The maps of the first model.</summary>
    public ClipMaps Maps => Models[0].Maps;

    /// <summary>The class that the first model finds likeliest.</summary>
    public string Predicted => Models[0].ClassNames[Maps.Predicted];

    /// <summary>Makes the maps.</summary>
    /// <param name="title">What is shown.</param>
    /// <param name="clip">The clip.</param>
    /// <param name="synthetic">Whether it was made by a program.</param>
    /// <param name="subjects">The models, the one that matters first; scores are of its classes.</param>
    /// <param name="options">Which maps; a model of one score, such as an image model's feature, has that.</param>
    /// <exception cref="CamException">Something is asked for that a model does not have.</exception>
    public static CamLook At(string title, CamClip clip, bool synthetic, IReadOnlyList<CamNamedSubject> subjects, CamOptions options)
    {
        ArgumentNullException.ThrowIfNull(clip);
        ArgumentNullException.ThrowIfNull(subjects);
        ArgumentNullException.ThrowIfNull(options);
        using var scope = NewDisposeScope();
        Tensor input = clip.ToTensor();
        return new CamLook
        {
            Title = title,
            Synthetic = synthetic,
            Clip = clip,
            Models = [.. subjects.Select(named => new CamViewedModel(
                named.Name,
                named.Subject.Backbone.Options.Layers,
                ClassActivation.Explain(named.Subject, input, named.ClassNames.Count > 0 ? options : options with { Scores = [CamScore.Of(0)] })[0],
                named.ClassNames,
                named.Note))],
        };
    }

    /// <summary>Looks at a video with a recogniser of one's own: all layers and methods, for the class that it finds likeliest.</summary>
    /// <param name="checkpoint">The recogniser: a <c>model.safetensors</c> of the lab, on which it says what it was trained with.</param>
    /// <param name="video">Any video file.</param>
    /// <param name="synthetic">Whether it was made by a program.</param>
    /// <exception cref="CamException">The video is too short.</exception>
    public static CamLook Of(string checkpoint, string video, bool synthetic = false)
    {
        using VideoRecognizer model = VideoRecognizer.Open(checkpoint);
        model.to(ComputeDevice.Chosen);
        VideoRunOptions? run = VideoRunOptions.Of(checkpoint);
        FrameSampling sampling = run?.Sampling is { } trained && trained.Frames == model.Options.Frames ? trained : new FrameSampling { Frames = model.Options.Frames };
        IReadOnlyList<string> classes = [.. Enumerable.Range(0, model.Options.Classes).Select(number => string.Create(CultureInfo.InvariantCulture, $"class {number}"))];
        return At(
            Path.GetFileName(video), CamClip.Read(video, model.Options.Backbone.Resolution, sampling), synthetic,
            [CamNamedSubject.Of(model, classes)],
            new CamOptions { Methods = CamMethod.Every, Layers = [.. Enumerable.Range(0, model.Options.Backbone.Layers)], Scores = [CamScore.Predicted] });
    }

    /// <summary>The rows of the paper's figure: other models, then the spatial heads, the temporal heads and all heads of the first.</summary>
    /// <param name="layer">The layer; null for the last that was made.</param>
    /// <param name="method">The method; null for the first that was made.</param>
    /// <param name="score">The number of the score.</param>
    /// <param name="frame">Where a temporal head's evidence is drawn.</param>
    /// <param name="only">One group of heads instead of them all.</param>
    /// <exception cref="CamException">That was not made, or the layer has no such heads.</exception>
    public IReadOnlyList<CamPanel> Panels(int? layer = null, CamMethod? method = null, int score = 0, EvidenceFrame frame = EvidenceFrame.LookedAt, HeadGroup? only = null)
    {
        LayerMaps mine = Find(Models[0], layer, method, score);
        if (only is not null)
            return CamPanel.Together((only.Title, mine.Map(only, frame)));
        IEnumerable<CamPanel> others = Models.Skip(1).SelectMany(model => CamPanel.Together((model.Name, Find(model, layer, method, score).Map(HeadGroup.All, frame))));
        return [.. others, .. CamPanel.Groups(mine, Models[0].Name, frame)];
    }

    /// <summary>The sheet: a row for each panel, a column for each frame.</summary>
    /// <param name="layer">The layer; null for the last that was made.</param>
    /// <param name="method">The method; null for the first that was made.</param>
    /// <param name="score">The number of the score.</param>
    /// <param name="frame">Where a temporal head's evidence is drawn.</param>
    /// <param name="only">One group of heads instead of them all.</param>
    /// <param name="alpha">How opaque the strongest evidence is, 0 to 1.</param>
    public SvgDrawing Sheet(int? layer = null, CamMethod? method = null, int score = 0, EvidenceFrame frame = EvidenceFrame.LookedAt, HeadGroup? only = null, double alpha = CamOverlay.DefaultAlpha) => new CamSheet
    {
        Title = Title,
        Subtitle = Describe(Find(Models[0], layer, method, score).Origin, frame),
        Frames = Clip.Frames,
        FrameLabels = Clip.Labels,
        Panels = Panels(layer, method, score, frame, only),
        Alpha = alpha,
    }.Draw();

    /// <summary>The page to look into.</summary>
    public CamViewer Viewer() => new()
    {
        Title = Title,
        Subtitle = string.Join(" · ", new[] { $"{Models[0].Name} says {Predicted}", Synthetic ? "synthetic data" : "" }.Where(part => part.Length > 0)),
        Frames = Clip.Frames,
        FrameLabels = Clip.Labels,
        Models = Models,
    };

    /// <summary>Writes the raw maps of the first model as safetensors, (T, H/p, W/p) each, under <c>method/layerL/class/group</c>.</summary>
    /// <param name="path">The file.</param>
    public void SaveNumbers(string path)
    {
        using var scope = NewDisposeScope();
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (LayerMaps maps in Maps.Maps)
        {
            MapOrigin origin = maps.Origin;
            foreach (HeadGroup group in HeadGroup.Of(origin.Offsets).Concat(Enumerable.Range(0, origin.Offsets.Count).Select(HeadGroup.Head)))
            {
                string name = string.Create(CultureInfo.InvariantCulture, $"{origin.Method.Name}/layer{origin.Layer}/class{origin.Score.Class}{(origin.Score.Against is { } against ? $"-{against}" : "")}/{group.Name}");
                tensors[name] = tensor(maps.Map(group).Values).view(origin.Frames, origin.Rows, origin.Columns);
            }
        }
        SafeTensors.Write(path, tensors, new Dictionary<string, string>
        {
            ["title"] = Title,
            ["frames"] = string.Join(' ', Clip.FrameNumbers),
            ["place"] = Maps.Maps[0].Origin.Place.ToString(),
            ["evidence"] = "temporal heads at the frame that is looked at",
        });
    }

    private string Describe(MapOrigin origin, EvidenceFrame frame)
    {
        string score = CamViewer.Name(origin.Score, Models[0].ClassNames);
        return string.Create(CultureInfo.InvariantCulture,
            $"{origin.Method.Title} for “{score}” at {Words(origin.Place)} of layer {origin.Layer} (0 to {Models[0].Depth - 1}); temporal heads at the frame {(frame == EvidenceFrame.LookedAt ? "that they look at" : "that asks")}; the model says “{Predicted}”{(Synthetic ? "; synthetic data" : "")}");
    }

    private static string Words(CamPlace place) => place switch
    {
        CamPlace.HeadValues => "the heads' values",
        CamPlace.Norm => "LN₁",
        CamPlace.AttentionInput => "the attention's input",
        CamPlace.HeadOutputs => "the heads' outputs",
        _ => "the attention's output",
    };

    private static LayerMaps Find(CamViewedModel model, int? layer, CamMethod? method, int score)
    {
        LayerMaps[] made = [.. model.Maps.Maps];
        int wanted = layer is { } given ? Math.Min(given, model.Depth - 1) : made.Max(maps => maps.Origin.Layer);
        CamMethod how = method ?? made[0].Origin.Method;
        LayerMaps[] found = [.. made.Where(maps => maps.Origin.Layer == wanted && maps.Origin.Method == how)];
        if (found.Length == 0)
            throw new CamException($"{model.Name}: no maps of layer {wanted} by {how} were made. There are layers {string.Join(", ", made.Select(maps => maps.Origin.Layer).Distinct())} by {string.Join(", ", made.Select(maps => maps.Origin.Method.Title).Distinct())}.");
        return found[Math.Clamp(score, 0, found.Length - 1)];
    }
}
