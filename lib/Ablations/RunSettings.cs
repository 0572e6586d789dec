using System.Text.Json;
using System.Text.Json.Nodes;
using ZeroI2V.Lab.Adapters;
using ZeroI2V.Lab.Evaluation;
using ZeroI2V.Lab.Stdha;
using ZeroI2V.Lab.Training;
using ZeroI2V.Lab.VideoData;

namespace ZeroI2V.Lab.Ablations;

/// <summary>
/// What a row of a sweep sets: options of a run by their place, such as <c>recognizer.adapters.scale</c>, as <c>--set</c> of
/// <c>lab train</c> does, and four things that are no single option: <c>method</c>, a method by name; <c>shots</c>, clips of
/// each class in training, drawn by the run's seed; <c>headChoice</c>, which heads take the offsets; <c>holdOut</c>, the share of
/// the training clips that is tested on instead of the test clips, for choices that must not see those.
/// </summary>
public sealed record RunSettings
{
    private const string MethodKey = "method", ShotsKey = "shots", HeadChoiceKey = "headChoice", HoldOutKey = "holdOut";

    /// <summary>The method; ZeroI2V unless set, its offsets those of the recipe (on the lab's own data Δt −1 and +1).</summary>
    public AdaptationMethod Method { get; init; } = AdaptationMethod.ZeroI2V;

    /// <summary>Clips of each class in training; null for all.</summary>
    public int? Shots { get; init; }

    /// <summary>Which heads take the offsets.</summary>
    public HeadChoice HeadChoice { get; init; }

    /// <summary>Share of the training clips of each class that is tested on instead of the test clips; null for none.</summary>
    public double? HoldOut { get; init; }

    /// <summary>Options by place, each as JSON, in the order in which they are set.</summary>
    public IReadOnlyList<(string Place, string Value)> Options { get; init; } = [];

    /// <summary>Puts settings together; later ones win.</summary>
    /// <param name="parts">Settings by place.</param>
    /// <exception cref="ArgumentException">A value of method, shots or headChoice is none.</exception>
    public static RunSettings Of(params IEnumerable<JsonObject> parts)
    {
        var all = new Dictionary<string, JsonNode?>();
        foreach ((string place, JsonNode? value) in parts.SelectMany(part => part))
            all[place] = value;
        var settings = new RunSettings { Options = [.. all.Where(s => s.Key is not (MethodKey or ShotsKey or HeadChoiceKey or HoldOutKey)).Select(s => (s.Key, s.Value?.ToJsonString() ?? "null"))] };
        if (all.TryGetValue(MethodKey, out JsonNode? method))
            settings = settings with { Method = AdaptationMethod.Named(Read<string>(MethodKey, method, "a method's name")) };
        if (all.TryGetValue(ShotsKey, out JsonNode? shots))
            settings = settings with { Shots = shots is null ? null : Read<int>(ShotsKey, shots, "a number of clips") };
        if (all.TryGetValue(HeadChoiceKey, out JsonNode? choice))
            settings = settings with { HeadChoice = Read<HeadChoice>(HeadChoiceKey, choice, $"one of {string.Join(", ", Enum.GetNames<HeadChoice>())}") };
        if (all.TryGetValue(HoldOutKey, out JsonNode? part))
            settings = settings with { HoldOut = part is null ? null : Read<double>(HoldOutKey, part, "a share above 0 and below 1") };
        if (settings.HoldOut is not (null or > 0 and < 1))
            throw new ArgumentException($"{HoldOutKey} is {settings.HoldOut}; expected a share above 0 and below 1.");
        return settings.Shots is < 1 ? throw new ArgumentException($"{ShotsKey} is {settings.Shots}; expected at least 1.") : settings;
    }

    /// <summary>Checks that every place is one, and its value of the right kind.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="whose">Whose they are, for the error.</param>
    /// <exception cref="ArgumentException">The message names the setting.</exception>
    internal static void Check(JsonObject settings, string whose)
    {
        try
        {
            RunSettings read = Of(HeadTerms.Checked(settings, whose));
            if (read.Options.Any(option => option.Place == "training.seed"))
                throw new ArgumentException("training.seed is set; seeds are given with --seeds.");
            // A model with every part, so that a part's options have a place.
            VideoRunOptions any = new()
            {
                Recognizer = MicroRecipe.Recognizer,
                Training = TrainingOptions.MicroSsv2,
                Sampling = new FrameSampling { Frames = MicroRecipe.Recognizer.Frames },
                Data = "",
                DataSha256 = "",
                ImageModelSha256 = "",
            };
            read.Set(any with { Recognizer = read.Method.Apply(any.Recognizer) });
        }
        catch (ArgumentException error)
        {
            throw new ArgumentException($"A setting of {whose} is not known or does not fit: {error.Message}", error);
        }
    }

    /// <summary>The clips: without those held out, all or as many shots as are drawn by the seed.</summary>
    /// <param name="data">The clips.</param>
    /// <param name="seed">The run's seed.</param>
    internal VideoRunData Clips(VideoRunData data, int seed)
    {
        if (HoldOut is double share)
        {
            (ClipList kept, ClipList held) = HeldOut.Split(data.Train.List, share);
            data = new VideoRunData(data.Train.Subset(kept), data.Train.Subset(held));
        }
        return Shots is not int shots ? data : new VideoRunData(data.Train.Subset(VideoData.DataSets.FewShot.Draw(data.Train.List, shots, seed)), data.Test);
    }

    /// <summary>The run.</summary>
    /// <param name="source">Image model and data.</param>
    /// <param name="data">The kind of data.</param>
    /// <param name="seed">The run's seed.</param>
    /// <exception cref="ArgumentException">A setting is not known, or the options do not fit.</exception>
    internal VideoRunOptions Run(SweepSource source, string data, int seed)
    {
        VideoRunData clips = Clips(source.Listed(data), seed);
        VideoRunOptions run = Set(source.Start(clips, Method, seed));
        // Importance is measured only where the choice needs it.
        HeadSplit heads = HeadPlacement.Place(run.Recognizer.Heads, HeadChoice, run.Recognizer.Backbone, () => source.Importance(data), seed);
        return (run with { Recognizer = run.Recognizer with { Heads = heads, Classes = clips.Train.List.Classes.Count } }).Validate();
    }

    /// <summary>A run with the options set; method, shots and heads apart.</summary>
    internal VideoRunOptions Set(VideoRunOptions run) => RunJson.With(run, Options.Select(option => $"{option.Place}={option.Value}"));

    private static T Read<T>(string key, JsonNode? value, string expected)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(value, RunJson.Options) ?? throw new ArgumentException($"{key} is null; expected {expected}.");
        }
        catch (JsonException error)
        {
            throw new ArgumentException($"{key} is {value?.ToJsonString() ?? "null"}; expected {expected}.", error);
        }
    }
}
