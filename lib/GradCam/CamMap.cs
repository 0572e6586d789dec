namespace ZeroI2V.Lab.GradCam;

/// <summary>A map over a clip: a number for each patch of each frame, raw, neither rectified nor scaled.</summary>
public sealed record CamMap
{
    /// <summary>Makes a map.</summary>
    /// <param name="values">T·rows·columns numbers, frame by frame, row by row.</param>
    /// <param name="frames">T.</param>
    /// <param name="rows">H/p.</param>
    /// <param name="columns">W/p.</param>
    /// <exception cref="ArgumentException">The numbers are not that many.</exception>
    public CamMap(float[] values, int frames, int rows, int columns)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (frames < 1 || rows < 1 || columns < 1 || values.LongLength != (long)frames * rows * columns)
            throw new ArgumentException($"A map of {frames} frames of {rows}×{columns} patches takes {(long)frames * rows * columns} numbers; found {values.Length}.", nameof(values));
        (Values, Frames, Rows, Columns) = (values, frames, rows, columns);
    }

    /// <summary>The numbers, [T, H/p, W/p].</summary>
    public float[] Values { get; }

    /// <summary>T.</summary>
    public int Frames { get; }

    /// <summary>H/p.</summary>
    public int Rows { get; }

    /// <summary>W/p.</summary>
    public int Columns { get; }

    /// <summary>Patches of a frame.</summary>
    public int Patches => Rows * Columns;

    /// <summary>The number of one patch.</summary>
    /// <param name="frame">t.</param>
    /// <param name="row">Patch row, from the top.</param>
    /// <param name="column">Patch column, from the left.</param>
    public float this[int frame, int row, int column] => Frame(frame)[row * Columns + column];

    /// <summary>The largest number; what a scale is made from.</summary>
    public float Max => Values.Max();

    /// <summary>One frame's numbers, row by row.</summary>
    /// <param name="frame">t.</param>
    public ReadOnlySpan<float> Frame(int frame)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(frame);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(frame, Frames);
        return Values.AsSpan(frame * Patches, Patches);
    }

    /// <summary>The map over time: how much speaks for the score in each frame, the sum of what is above zero.</summary>
    /// <returns>T numbers.</returns>
    public float[] OverTime()
    {
        var sums = new float[Frames];
        for (int t = 0; t < Frames; t++)
        {
            foreach (float value in Frame(t))
                sums[t] += Math.Max(value, 0);
        }
        return sums;
    }
}
