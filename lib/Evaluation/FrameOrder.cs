namespace ZeroI2V.Lab.Evaluation;

/// <summary>In which order a recogniser is shown the frames of a clip.</summary>
public enum FrameOrder
{
    /// <summary>As they were filmed.</summary>
    AsFilmed,

    /// <summary>In an order drawn for each clip, never the one they were filmed in.</summary>
    Shuffled,

    /// <summary>Last frame first.</summary>
    Reversed,

    /// <summary>The middle frame, T times: what can be told without time.</summary>
    OneRepeated,
}

/// <summary>The frames of a clip in another order.</summary>
public static class FrameOrders
{
    /// <summary>Which frame stands at each place.</summary>
    /// <param name="order">The order.</param>
    /// <param name="frames">T.</param>
    /// <param name="seed">What a shuffle follows from.</param>
    /// <param name="clip">The clip's number, so that each clip has a shuffle of its own.</param>
    /// <returns>T frame numbers.</returns>
    public static int[] Of(FrameOrder order, int frames, int seed, int clip)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(frames, 1);
        int[] places = [.. Enumerable.Range(0, frames)];
        switch (order)
        {
            case FrameOrder.AsFilmed:
                break;
            case FrameOrder.Reversed:
                Array.Reverse(places);
                break;
            case FrameOrder.OneRepeated:
                Array.Fill(places, frames / 2);
                break;
            case FrameOrder.Shuffled:
                var random = new Random(HashCode(seed, clip));
                // A clip of one frame has no other order.
                do
                    random.Shuffle(places);
                while (frames > 1 && places.SequenceEqual(Enumerable.Range(0, frames)));
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(order), order, "not an order of frames");
        }
        return places;
    }

    /// <summary>The same in every process, which <see cref="System.HashCode"/> is not.</summary>
    private static int HashCode(int seed, int clip) => unchecked(seed * 1_000_003 + clip * 7_919 + 17);
}
