using TorchSharp.Modules;
using ZeroI2V.Lab.Backbone;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Checkpoints;

/// <summary>Brings weights from files into models and back. Each parameter is accounted for; see <see cref="LoadReport"/>.</summary>
internal static class WeightLoading
{
    /// <summary>Where CLIP's files keep the vision tower; the lab's image models are saved under it too.</summary>
    internal const string ClipPrefix = "visual.";

    /// <summary>Where official ZeroI2V checkpoints keep the backbone.</summary>
    internal const string OfficialPrefix = "backbone.";

    /// <summary>Where <see cref="Require"/> stops counting.</summary>
    private const int MostListed = 100;

    /// <summary>The vector added to each frame's tokens; in a folded file it stands beside the image model.</summary>
    internal const string TemporalEmbedding = "temporal_embedding";

    /// <summary>Where the lab's files keep a recogniser's options.</summary>
    internal const string OptionsKey = "zeroi2v.recognizer";

    /// <summary>CLIP's text tower, as far as a file with <c>visual.</c> may have it. It is left out.</summary>
    private static readonly string[] TextTower =
        ["transformer.", "token_embedding.", "positional_embedding", "ln_final.", "text_projection", "logit_scale", "input_resolution", "context_length", "vocab_size"];

    internal static LoadReport LoadImageModel(VisionTransformer model, WeightSet weights)
    {
        (Dictionary<string, Tensor> tower, List<string> leftOut) = Tower(weights);
        if (model.Options.Projection == 0)
            LeaveOut("proj", tower, leftOut);
        LeaveOut(TemporalEmbedding, tower, leftOut);
        return Copy(model.named_parameters(), tower, weights.Source, leftAtStart: _ => false, leftOut);
    }

    internal static LoadReport LoadBackbone(VideoRecognizer recognizer, WeightSet weights)
    {
        (Dictionary<string, Tensor> tower, List<string> leftOut) = Tower(weights);
        LeaveOut("proj", tower, leftOut);
        var fresh = new HashSet<Parameter>(recognizer.Backbone.Added, ReferenceEqualityComparer.Instance);
        LoadReport report = Copy(recognizer.Backbone.named_parameters(), tower, weights.Source, fresh.Contains, leftOut);
        return report with { LeftAtStart = [.. report.LeftAtStart.Select(name => OfficialPrefix + name), .. recognizer.Head.named_parameters().Select(item => "cls_head." + item.name)] };
    }

    internal static LoadReport LoadRecognizer(VideoRecognizer recognizer, WeightSet weights) =>
        Copy(recognizer.named_parameters(), Official(weights), weights.Source, leftAtStart: _ => false, leftOut: []);

    /// <summary>A recogniser's tensors in official naming: a folded file keeps the image model under CLIP's prefix and the temporal embedding beside it.</summary>
    internal static Dictionary<string, Tensor> Official(WeightSet weights)
    {
        bool folded = weights.Tensors.ContainsKey(ClipPrefix + "class_embedding");
        return weights.Tensors.ToDictionary(
            pair => !folded ? pair.Key
                : pair.Key.StartsWith(ClipPrefix, StringComparison.Ordinal) ? OfficialPrefix + pair.Key[ClipPrefix.Length..]
                : pair.Key == TemporalEmbedding ? OfficialPrefix + TemporalEmbedding
                : pair.Key,
            pair => pair.Value,
            StringComparer.Ordinal);
    }

    internal static void SaveImageModel(VisionTransformer model, string path, IReadOnlyDictionary<string, string>? metadata) =>
        SafeTensors.Write(path, model.named_parameters().ToDictionary(item => ClipPrefix + item.name, item => (Tensor)item.parameter), metadata);

    internal static void SaveRecognizer(VideoRecognizer recognizer, string path, IReadOnlyDictionary<string, string>? metadata)
    {
        var all = new Dictionary<string, string>(metadata ?? new Dictionary<string, string>()) { [OptionsKey] = recognizer.Options.ToJson() };
        SafeTensors.Write(path, recognizer.named_parameters().ToDictionary(item => item.name, item => (Tensor)item.parameter), all);
    }

    internal static VideoRecognizer OpenRecognizer(string path)
    {
        using WeightSet weights = SafeTensors.Read(path);
        if (!weights.Metadata.TryGetValue(OptionsKey, out string? json))
            throw new CheckpointException(CheckpointFault.Malformed, $"{path}: carries no options under '{OptionsKey}', so it was not saved by the lab. Make a VideoRecognizer with the right options and load the file into it.");
        RecognizerOptions options;
        try
        {
            options = RecognizerOptions.FromJson(json);
        }
        catch (ArgumentException error)
        {
            throw new CheckpointException(CheckpointFault.Malformed, $"{path}: {error.Message}", error);
        }
        Require(ParameterShapes.Of(options), Official(weights), path);
        var recognizer = new VideoRecognizer(options);
        try
        {
            recognizer.Load(weights);
            return recognizer;
        }
        catch
        {
            recognizer.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Holds a file's tensors against the shapes that its options, or a manifest's, ask for: those decide how much memory
    /// a model takes, so this comes before the model.
    /// </summary>
    internal static void Require(IEnumerable<(string Name, long[] Shape)> expected, IReadOnlyDictionary<string, Tensor> found, string file)
    {
        var missing = new List<string>();
        var different = new List<string>();
        foreach ((string name, long[] shape) in expected)
        {
            if (!found.TryGetValue(name, out Tensor? tensor))
                missing.Add(name);
            else if (!tensor.shape.SequenceEqual(shape))
                different.Add(Differs(name, tensor.shape, shape));
            // Enough to see what is wrong; options may ask for a million layers.
            if (missing.Count + different.Count >= MostListed)
                break;
        }
        if (missing.Count + different.Count > 0)
            throw Unfit(file, missing, [], different);
    }

    /// <summary>The vision tower's tensors under the names of <see cref="VisionTransformer"/>, whichever naming the file has.</summary>
    internal static (Dictionary<string, Tensor> Tower, List<string> LeftOut) Tower(WeightSet weights)
    {
        string prefix = new[] { ClipPrefix, OfficialPrefix }.FirstOrDefault(p => weights.Tensors.ContainsKey(p + "class_embedding"))
            ?? throw new CheckpointException(CheckpointFault.Keys, $"{weights.Source}: holds neither '{ClipPrefix}class_embedding' (CLIP's naming, which the lab's image models share) nor '{OfficialPrefix}class_embedding' (official ZeroI2V). Its first names: {string.Join(", ", weights.Tensors.Keys.Take(5))}.");
        var tower = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        var leftOut = new List<string>();
        foreach ((string name, Tensor tensor) in weights.Tensors)
            if (name.StartsWith(prefix, StringComparison.Ordinal))
                tower.Add(name[prefix.Length..], tensor);
            else if (name.StartsWith("cls_head.", StringComparison.Ordinal))
                leftOut.Add(name);
            else if (prefix == ClipPrefix && TextTower.Any(part => part.EndsWith('.') ? name.StartsWith(part, StringComparison.Ordinal) : name == part))
                leftOut.Add(name);
            else
                // Kept under its own name, to be listed among the unexpected.
                tower.Add(name, tensor);
        return (tower, leftOut);
    }

    private static void LeaveOut(string name, Dictionary<string, Tensor> tower, List<string> leftOut)
    {
        if (tower.Remove(name))
            leftOut.Add(name);
    }

    /// <summary>Copies file to model, or says everything that does not fit in one error and changes nothing.</summary>
    private static LoadReport Copy(
        IEnumerable<(string Name, Parameter Parameter)> parameters,
        Dictionary<string, Tensor> source,
        string file,
        Func<Parameter, bool> leftAtStart,
        List<string> leftOut)
    {
        var pairs = new List<(Parameter Target, Tensor Value)>();
        var loaded = new List<string>();
        var left = new List<string>();
        var missing = new List<string>();
        var different = new List<string>();
        foreach ((string name, Parameter parameter) in parameters)
        {
            if (!source.Remove(name, out Tensor? value))
                (leftAtStart(parameter) ? left : missing).Add(name);
            else if (!value.shape.SequenceEqual(parameter.shape))
                different.Add(Differs(name, value.shape, parameter.shape));
            else if (value.dtype is not (ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Float32 or ScalarType.Float64))
                different.Add($"{name} of {value.dtype} instead of floating numbers");
            else
            {
                pairs.Add((parameter, value));
                loaded.Add(name);
            }
        }
        if (missing.Count + different.Count + source.Count > 0)
            throw Unfit(file, missing, source.Keys, different);
        var notFinite = new List<string>();
        using (var scope = NewDisposeScope())
        using (no_grad())
            for (int i = 0; i < pairs.Count; i++)
            {
                pairs[i].Target.copy_(pairs[i].Value);
                if (!pairs[i].Target.isfinite().all().item<bool>())
                    notFinite.Add(loaded[i]);
            }
        return new LoadReport(file, loaded, left, leftOut, notFinite);
    }

    private static string Differs(string name, long[] found, long[] expected) => $"{name} {ElementTypes.Text(found)} instead of {ElementTypes.Text(expected)}";

    private static CheckpointException Unfit(string file, IReadOnlyCollection<string> missing, IReadOnlyCollection<string> unexpected, IReadOnlyCollection<string> different)
    {
        return new CheckpointException(
            CheckpointFault.Keys,
            $"{file} does not fit the model. {List("Missing", missing)}{List("Unexpected", unexpected)}{List("Different", different)}Check width, layers, patch size, resolution, frames, classes and adapter places against the file.");

        static string List(string title, IReadOnlyCollection<string> names) =>
            names.Count == 0 ? "" : $"{title} ({names.Count}): {string.Join(", ", names)}. ";
    }
}
