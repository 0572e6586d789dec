using System.CommandLine;
using ZeroI2V.Lab.Adapters;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Checkpoints;
using ZeroI2V.Lab.Stdha;

namespace ZeroI2V.Lab.CommandLine;

/// <summary>A recogniser out of a file that a command is given, the lab's own or a checkpoint, and the options that say what the checkpoint's tensors do not.</summary>
internal sealed class CheckpointOptions
{
    private static readonly Dictionary<string, AdapterActivation> Activations = new(StringComparer.Ordinal)
    {
        ["linear"] = AdapterActivation.None,
        ["gelu"] = AdapterActivation.Gelu,
    };

    private readonly Option<int[]?> _offsets = new("--offsets") { Description = "Official checkpoints: Δt of the lowest heads, such as --offsets -1 1.", AllowMultipleArgumentsPerToken = true };
    private readonly Option<double?> _scale = new("--scale") { Description = "Official checkpoints: the adapters' scale, 0.5 or 1 in the official configs." };
    private readonly Option<int?> _headCount = new("--head-count") { Description = "Official checkpoints: number of heads, where the width is no multiple of 64." };
    private readonly Option<string?> _adapters = new("--adapters") { Description = "Official checkpoints without their config: linear, as all published ones, or gelu." };

    internal CheckpointOptions() => _adapters.AcceptOnlyFromAmong([.. Activations.Keys]);

    /// <summary>Gives a command these options.</summary>
    internal void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_offsets, _scale, _headCount, _adapters])
            command.Options.Add(option);
    }

    /// <summary>Opens the recogniser.</summary>
    /// <param name="parsed">What the command was given.</param>
    /// <param name="path">The file, of any format.</param>
    /// <param name="report">What was loaded.</param>
    /// <exception cref="CheckpointException">The file is damaged, or something must be given.</exception>
    internal VideoRecognizer Open(ParseResult parsed, string path, out LoadReport report)
    {
        using WeightSet weights = WeightFile.Read(path);
        if (weights.Metadata.ContainsKey(WeightLoading.OptionsKey))
            return VideoRecognizer.Open(path, out report);
        HeadSplit? heads = parsed.GetValue(_offsets) is { Length: > 0 } offsets ? HeadSplit.Lowest(offsets) : null;
        AdapterActivation? activation = parsed.GetValue(_adapters) is { } adapters ? Activations[adapters] : null;
        var model = new VideoRecognizer(RecognizerSizes.Infer(weights, heads, parsed.GetValue(_scale), parsed.GetValue(_headCount), activation));
        try
        {
            report = model.Load(weights);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }
}
