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

    /// <summary>Threads that make samples; null for one where every video is in memory (a sample is a copy then, and the network
    /// needs the cores), else as many as cores. Not a part of what comes out.</summary>
    public int? Workers { get; init; }

    /// <summary>Batches that are made or wait, at most: with the one in use they are what the loader holds in memory.</summary>
    public int Prefetch { get; init; } = 2;

    /// <summary>Videos that may turn out to be bad before loading stops: each is skipped and reported once, in training with
    /// another video in its place. 0 stops at the first.</summary>
    public int MostBadVideos { get; init; }

    /// <summary>Checks the options against a list.</summary>
    /// <exception cref="ArgumentException">They do not fit.</exception>
    public void Validate(ClipList list)
    {
        ArgumentNullException.ThrowIfNull(list);
        Sampling.Validate();
        Transform.Validate();
        if (BatchSize <= 0)
            throw new ArgumentException($"BatchSize is {BatchSize}; expected at least 1.");
        if (Workers is < 1 or > 1024)
            throw new ArgumentException($"Workers is {Workers}; expected 1 to 1024.");
        if (Prefetch is < 1 or > 1024)
            throw new ArgumentException($"Prefetch is {Prefetch}; expected 1 to 1024 batches.");
        if (MostBadVideos < 0)
            throw new ArgumentException($"MostBadVideos is {MostBadVideos}; expected 0 or more.");
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
