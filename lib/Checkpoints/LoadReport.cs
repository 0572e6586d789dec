namespace ZeroI2V.Lab.Checkpoints;

/// <summary>What became of every parameter of a model and every tensor of a file. Nothing is passed over in silence.</summary>
/// <param name="Source">The file.</param>
/// <param name="Loaded">Parameters of the model that now hold the file's values.</param>
/// <param name="LeftAtStart">Parameters that keep their initial values by design: what an image model cannot know.</param>
/// <param name="LeftOut">What the file holds and has no place by design: CLIP's text tower and projection, a classifier, the state of a training.</param>
/// <param name="NotFinite">Those of the loaded that hold infinities or NaN: the file's training went wrong.</param>
public sealed record LoadReport(string Source, IReadOnlyList<string> Loaded, IReadOnlyList<string> LeftAtStart, IReadOnlyList<string> LeftOut, IReadOnlyList<string> NotFinite)
{
    /// <summary>What was fitted to the model's resolution: the positional embedding, with both numbers of patches.</summary>
    public IReadOnlyList<string> Resized { get; init; } = [];

    /// <summary>One line for a log.</summary>
    public override string ToString() =>
        $"{Source}: {Loaded.Count} tensors loaded, {LeftAtStart.Count} new ones keep their initial values, {LeftOut.Count} of the file are not needed."
        + (Resized.Count == 0 ? "" : $" Resized: {string.Join(", ", Resized)}.")
        + (NotFinite.Count == 0 ? "" : $" Infinities or NaN in: {string.Join(", ", NotFinite)}.");
}
