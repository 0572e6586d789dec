namespace ZeroI2V.Lab.VideoData;

/// <summary>How a <see cref="ClipLoader"/> makes batches.</summary>
public sealed record ClipLoaderOptions
{
    /// <summary>Whether frames, crops and order are drawn; otherwise the clips come in the list's order, frames and crops in the
    /// middle.</summary>
    public required bool Training { get; init; }

    /// <summary>Clips of a batch. In testing with several views a batch has that many rows for each clip.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Which frames.</summary>
    public required FrameSampling Sampling { get; init; }

    /// <summary>Which part of the frames.</summary>
    public ClipTransform Transform { get; init; } = ClipTransform.None;

    /// <summary>From bytes to floats.</summary>
    public ClipNormalization Normalization { get; init; } = ClipNormalization.Clip;

    /// <summary>All that is drawn follows from this, the epoch and the clip.</summary>
    public long Seed { get; init; }

    /// <summary>Leaves out a last batch that is not full. Training only.</summary>
    public bool DropLast { get; init; }

    /// <summary>Numbers of the clips that are used, such as a few-shot subset; null for all.</summary>
    public IReadOnlyList<int>? Subset { get; init; }

    /// <summary>Checks the options against a list.</summary>
    /// <exception cref="ArgumentException">They do not fit.</exception>
    public void Validate(ClipList list)
    {
        ArgumentNullException.ThrowIfNull(list);
        Sampling.Validate();
        Transform.Validate();
        if (BatchSize <= 0)
            throw new ArgumentException($"BatchSize is {BatchSize}; expected at least 1.");
        if (DropLast && !Training)
            throw new ArgumentException("DropLast would leave test clips out; use it in training only.");
        foreach (int clip in Subset ?? [])
        {
            if (clip < 0 || clip >= list.Clips.Count)
                throw new ArgumentException($"Subset names clip {clip}; '{list.Name}' has clips 0 to {list.Clips.Count - 1}.");
        }
        int count = Subset?.Count ?? list.Clips.Count;
        if (count == 0 || (DropLast && count < BatchSize))
            throw new ArgumentException($"There are {count} clips for batches of {BatchSize}: no batch would come. Use a smaller BatchSize.");
    }
}
