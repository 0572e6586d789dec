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

    /// <summary>Where the lab's files keep an image model's options.</summary>
    internal const string BackboneKey = "zeroi2v.backbone";

    /// <summary>Where the lab's files keep in whose names the image model came.</summary>
    internal const string ImageNamingKey = "zeroi2v.image_naming";

    internal static LoadReport LoadImageModel(VisionTransformer model, WeightSet weights)
    {
        using var scope = NewDisposeScope();
        Tower tower = Tower.Of(weights);
        if (model.Options.Projection == 0)
            LeaveOut("proj", tower);
        LeaveOut(TemporalEmbedding, tower);
        tower.LeftOut.AddRange(tower.Head.Keys);
        string[] resized = FitPositions(tower, model.Options);
        return Copy(model.named_parameters(), tower.Tensors, weights, tower, model.Options, leftAtStart: _ => false) with { Resized = resized };
    }

    internal static LoadReport LoadBackbone(VideoRecognizer recognizer, WeightSet weights)
    {
        using var scope = NewDisposeScope();
        Tower tower = Tower.Of(weights);
        LeaveOut("proj", tower);
        tower.LeftOut.AddRange(tower.Head.Keys);
        var fresh = new HashSet<Parameter>(recognizer.Backbone.Added, ReferenceEqualityComparer.Instance);
        string[] resized = FitPositions(tower, recognizer.Backbone.Options);
        LoadReport report = Copy(recognizer.Backbone.named_parameters(), tower.Tensors, weights, tower, recognizer.Backbone.Options, fresh.Contains);
        recognizer.ImageNaming = tower.Naming.Family;
        return report with { Resized = resized, LeftAtStart = [.. report.LeftAtStart.Select(name => OfficialPrefix + name), .. recognizer.Head.named_parameters().Select(item => "cls_head." + item.name)] };
    }

    internal static LoadReport LoadRecognizer(VideoRecognizer recognizer, WeightSet weights)
    {
        using var scope = NewDisposeScope();
        Tower tower = Tower.Of(weights);
        WeightNaming naming = ImageNaming(weights) ?? tower.Naming.Family;
        LoadReport report = Copy(recognizer.named_parameters(), Official(tower), weights, tower, recognizer.Backbone.Options, leftAtStart: _ => false);
        recognizer.ImageNaming = naming;
        return report;
    }

    private static WeightNaming? ImageNaming(WeightSet weights)
    {
        if (!weights.Metadata.TryGetValue(ImageNamingKey, out string? word))
            return null;
        return Enum.GetNames<WeightNaming>().Contains(word) ? Enum.Parse<WeightNaming>(word)
            : throw new CheckpointException(CheckpointFault.Malformed, $"{weights.Source}: '{ImageNamingKey}' is '{word}'; expected one of {string.Join(", ", Enum.GetNames<WeightNaming>())}.");
    }

    /// <summary>What an adaptation trained, onto an image model that is there already: that alone may be missing from the file.</summary>
    internal static LoadReport LoadAdaptation(VideoRecognizer recognizer, WeightSet weights)
    {
        using var scope = NewDisposeScope();
        Tower tower = Tower.Of(weights);
        HashSet<Parameter> kept = new(recognizer.Backbone.parameters(), ReferenceEqualityComparer.Instance);
        kept.ExceptWith(recognizer.Backbone.Added);
        return Copy(recognizer.named_parameters(), Official(tower), weights, tower, recognizer.Backbone.Options, kept.Contains);
    }

    /// <summary>A recogniser's tensors in official naming, whichever family its file is of.</summary>
    internal static Dictionary<string, Tensor> Official(Tower tower)
    {
        var tensors = new Dictionary<string, Tensor>(tower.Head, StringComparer.Ordinal);
        foreach ((string name, Tensor tensor) in tower.Tensors)
            tensors.Add(OfficialPrefix + name, tensor);
        return tensors;
    }

    internal static void SaveImageModel(VisionTransformer model, string path, IReadOnlyDictionary<string, string>? metadata) =>
        SafeTensors.Write(path, model.named_parameters().ToDictionary(item => ClipPrefix + item.name, item => (Tensor)item.parameter), With(metadata, BackboneKey, model.Options.ToJson()));

    internal static void SaveRecognizer(VideoRecognizer recognizer, string path, IReadOnlyDictionary<string, string>? metadata) =>
        SafeTensors.Write(path, recognizer.named_parameters().ToDictionary(item => item.name, item => (Tensor)item.parameter), Of(recognizer, metadata));

    /// <summary>The metadata of a recogniser's file.</summary>
    internal static Dictionary<string, string> Of(VideoRecognizer recognizer, IReadOnlyDictionary<string, string>? metadata) =>
        new(With(metadata, OptionsKey, recognizer.Options.ToJson())) { [ImageNamingKey] = recognizer.ImageNaming.ToString() };

    /// <summary>Metadata with the lab's own entry, and the one by which Hugging Face's programs know whose tensors they are.</summary>
    private static Dictionary<string, string> With(IReadOnlyDictionary<string, string>? metadata, string key, string value) =>
        new(metadata ?? new Dictionary<string, string>()) { [key] = value, ["format"] = "pt" };

    internal static VideoRecognizer OpenRecognizer(string path, out LoadReport report)
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
        using (NewDisposeScope())
            Require(ParameterShapes.Of(options), Official(Tower.Of(weights)), path);
        var recognizer = new VideoRecognizer(options);
        try
        {
            report = recognizer.Load(weights);
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

    /// <summary>An image model of another resolution: its positional embedding is resized. What is no square of patches stays, to be refused with the rest.</summary>
    private static string[] FitPositions(Tower tower, VitOptions options)
    {
        const string name = "positional_embedding";
        if (!tower.Tensors.TryGetValue(name, out Tensor? found) || found.shape is not [var rows, var width] || width != options.Width || rows == options.Tokens())
            return [];
        int side = (int)Math.Round(Math.Sqrt(rows - 1)), grid = options.Resolution / options.PatchSize;
        if (side < 1 || (long)side * side + 1 != rows || found.dtype is not (ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Float32 or ScalarType.Float64))
            return [];
        tower.Tensors[name] = PositionalEmbedding.Resized(found, grid);
        return [$"{name} from {side} × {side} to {grid} × {grid} patches"];
    }

    private static void LeaveOut(string name, Tower tower)
    {
        if (tower.Tensors.Remove(name))
            tower.LeftOut.Add(name);
    }

    /// <summary>Copies file to model, or says everything that does not fit in one error and changes nothing.</summary>
    private static LoadReport Copy(
        IEnumerable<(string Name, Parameter Parameter)> parameters,
        Dictionary<string, Tensor> source,
        WeightSet file,
        Tower tower,
        VitOptions options,
        Func<Parameter, bool> leftAtStart)
    {
        var pairs = new List<(Parameter Target, Tensor Value)>();
        var loaded = new List<string>();
        var left = new List<string>();
        var missing = new List<string>();
        var different = new List<string>(tower.Traits.Contradictions(options));
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
        string[] unexpected = [.. source.Keys, .. tower.Unexpected.Keys];
        if (missing.Count + different.Count + unexpected.Length > 0)
            throw Unfit(file.Source, missing, unexpected, different);
        var notFinite = new List<string>();
        using (var scope = NewDisposeScope())
        using (no_grad())
            for (int i = 0; i < pairs.Count; i++)
            {
                pairs[i].Target.copy_(pairs[i].Value);
                if (!pairs[i].Target.isfinite().all().item<bool>())
                    notFinite.Add(loaded[i]);
            }
        return new LoadReport(file.Source, loaded, left, [.. tower.LeftOut, .. file.PassedOver], notFinite);
    }

    private static string Differs(string name, long[] found, long[] expected) => $"{name} {ElementTypes.Text(found)} instead of {ElementTypes.Text(expected)}";

    private static CheckpointException Unfit(string file, IReadOnlyCollection<string> missing, IReadOnlyCollection<string> unexpected, IReadOnlyCollection<string> different)
    {
        return new CheckpointException(
            CheckpointFault.Keys,
            $"{file} does not fit the model. {List("Missing", missing)}{List("Unexpected", unexpected)}{List("Different", different)}Check width, layers, patch size, resolution, frames, classes, adapter places and activation against the file.");

        static string List(string title, IReadOnlyCollection<string> names) =>
            names.Count == 0 ? "" : $"{title} ({names.Count}): {string.Join(", ", names)}. ";
    }
}
