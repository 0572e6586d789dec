using System.Globalization;
using TorchSharp.Modules;
using ZeroI2V.Lab.Checkpoints;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Training;

/// <summary>The place in a run: steps done, and what the epoch in work came to so far.</summary>
/// <param name="Step">Optimizer steps done.</param>
/// <param name="LossSum">Sum of the losses of the epoch's clips so far.</param>
/// <param name="Correct">Clips of the epoch so far whose true class scored highest.</param>
/// <param name="Examples">Clips of the epoch so far.</param>
/// <param name="Seconds">Training seconds of the epoch so far.</param>
internal sealed record TrainingPlace(int Step, double LossSum, long Correct, long Examples, double Seconds)
{
    public static TrainingPlace Start { get; } = new(0, 0, 0, 0, 0);
}

/// <summary>
/// A run's <c>checkpoint.safetensors</c>: trained parameters (<c>parameter.NAME</c>), AdamW's running means
/// (<c>exp_avg.NAME</c>, <c>exp_avg_sq.NAME</c>) and, as metadata, the place in the run. Dropout is seeded anew at every
/// step, so no generator state is kept.
/// </summary>
internal static class TrainingCheckpoint
{
    private const string Format = "zeroi2v-lab training checkpoint 1";

    /// <summary>Writes a checkpoint in one piece.</summary>
    public static void Write(string path, IReadOnlyList<TrainedParameters> groups, AdamW optimizer, TrainingPlace place)
    {
        using var scope = NewDisposeScope();
        var tensors = new Dictionary<string, Tensor>();
        foreach ((string name, Parameter parameter, AdamW.State state) in Entries(groups, optimizer))
        {
            tensors.Add($"parameter.{name}", parameter.detach());
            tensors.Add($"exp_avg.{name}", state.exp_avg);
            tensors.Add($"exp_avg_sq.{name}", state.exp_avg_sq);
        }
        var metadata = new Dictionary<string, string>
        {
            ["format"] = Format,
            ["step"] = Text(place.Step),
            ["epoch_loss_sum"] = Text(place.LossSum),
            ["epoch_correct"] = Text(place.Correct),
            ["epoch_examples"] = Text(place.Examples),
            ["epoch_seconds"] = Text(place.Seconds),
        };
        SafeTensors.Write(path, tensors, metadata);
    }

    /// <summary>Puts a checkpoint's parameters and optimizer state back.</summary>
    /// <returns>The place in the run.</returns>
    public static TrainingPlace Read(string path, IReadOnlyList<TrainedParameters> groups, AdamW optimizer)
    {
        using var scope = NewDisposeScope();
        using WeightSet file = ReadFile(path);
        (IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string> metadata) = (file.Tensors, file.Metadata);
        var place = new TrainingPlace(
            Number<int>(path, metadata, "step"),
            Number<double>(path, metadata, "epoch_loss_sum"),
            Number<long>(path, metadata, "epoch_correct"),
            Number<long>(path, metadata, "epoch_examples"),
            Number<double>(path, metadata, "epoch_seconds"));
        using (no_grad())
        {
            var entries = Entries(groups, optimizer).ToList();
            CheckNames(path, tensors, entries.SelectMany(e => new[] { $"parameter.{e.Name}", $"exp_avg.{e.Name}", $"exp_avg_sq.{e.Name}" }));
            foreach ((string name, Parameter parameter, AdamW.State state) in entries)
            {
                Copy(path, tensors, $"parameter.{name}", parameter);
                Copy(path, tensors, $"exp_avg.{name}", state.exp_avg);
                Copy(path, tensors, $"exp_avg_sq.{name}", state.exp_avg_sq);
                state.step = place.Step;
            }
        }
        return place;
    }

    /// <summary>Puts only a checkpoint's parameters back: for evaluation, maps and folding.</summary>
    /// <returns>Steps that the parameters were trained for.</returns>
    public static int ReadParameters(string path, IEnumerable<(string Name, Parameter Parameter)> parameters)
    {
        using var scope = NewDisposeScope();
        using WeightSet file = ReadFile(path);
        IReadOnlyDictionary<string, Tensor> tensors = file.Tensors;
        int step = Number<int>(path, file.Metadata, "step");
        var list = parameters.ToList();
        CheckNames(path, tensors.Where(t => t.Key.StartsWith("parameter.", StringComparison.Ordinal)).ToDictionary(), list.Select(p => $"parameter.{p.Name}"));
        using (no_grad())
        {
            foreach ((string name, Parameter parameter) in list)
                Copy(path, tensors, $"parameter.{name}", parameter);
        }
        return step;
    }

    private static IEnumerable<(string Name, Parameter Parameter, AdamW.State State)> Entries(IReadOnlyList<TrainedParameters> groups, AdamW optimizer)
    {
        // The optimizer lists its states in the order of groups and of parameters in them.
        List<OptimizerState> states = optimizer.state_dict().State;
        int i = 0;
        foreach ((string name, Parameter parameter) in groups.SelectMany(g => g.Parameters))
            yield return (name, parameter, (AdamW.State)states[i++]);
    }

    private static WeightSet ReadFile(string path)
    {
        WeightSet file = SafeTensors.Read(path);
        if (file.Metadata.TryGetValue("format", out string? format) && format == Format)
            return file;
        file.Dispose();
        throw new InvalidDataException($"'{path}' must be a \"{Format}\"; found {(format is null ? "no such mark" : $"\"{format}\"")}. Delete the run's folder to begin again.");
    }

    private static void CheckNames(string path, IReadOnlyDictionary<string, Tensor> tensors, IEnumerable<string> expected)
    {
        var wanted = expected.ToHashSet();
        string[] missing = [.. wanted.Where(n => !tensors.ContainsKey(n)).Order(StringComparer.Ordinal)];
        string[] unexpected = [.. tensors.Keys.Where(n => !wanted.Contains(n)).Order(StringComparer.Ordinal)];
        if (missing.Length + unexpected.Length > 0)
        {
            throw new InvalidDataException(
                $"'{path}' must hold exactly the trained parameters of this model; missing: {List(missing)}; unexpected: {List(unexpected)}. Use the options that the run was begun with.");
        }
    }

    private static string List(string[] names) => names.Length == 0 ? "none" : string.Join(", ", names.Take(8)) + (names.Length > 8 ? $" and {names.Length - 8} more" : "");

    private static void Copy(string path, IReadOnlyDictionary<string, Tensor> tensors, string name, Tensor target)
    {
        Tensor source = tensors[name];
        if (!source.shape.SequenceEqual(target.shape) || source.dtype != target.dtype)
        {
            throw new InvalidDataException(
                $"'{name}' in '{path}' must be {target.dtype} [{string.Join(", ", target.shape)}]; found {source.dtype} [{string.Join(", ", source.shape)}]. Use the options that the run was begun with.");
        }
        target.copy_(source);
    }

    private static T Number<T>(string path, IReadOnlyDictionary<string, string> metadata, string name)
        where T : struct, IParsable<T> =>
        metadata.TryGetValue(name, out string? text) && T.TryParse(text, CultureInfo.InvariantCulture, out T value)
            ? value
            : throw new InvalidDataException($"'{path}' must give {name} as a number in its metadata; found {text ?? "nothing"}. Delete the run's folder to begin again.");

    // "R": the shortest text that reads back as the same double, so that a resumed epoch's sums are exact.
    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
