using static TorchSharp.torch;

namespace ZeroI2V.Lab.Stdha;

/// <summary>
/// Moves what the whole-head path cannot: offsets of channel ranges that cut heads, of channels inside every head, of the class
/// token only, or of queries as well. The packed queries, keys and values are rearranged once; attention follows as in the
/// image model. Multiply-adds and parameters stay the image model's; it costs one copy of what is moved, and of what stands
/// beside it.
/// </summary>
/// <remarks>
/// Channel ranges, the official "shift_div": width 8, two heads, ranges of two channels with Δt −1, +1:
/// <code>
/// channel      0  1 | 2  3 | 4  5  6  7        head 0 is channels 0–3: half of it looks back, half ahead
/// across heads −1 −1 +1 +1  0  0  0  0
/// in every head, ranges of one channel (d = 4):
///              −1 +1  0  0 | −1 +1  0  0
/// </code>
/// </remarks>
internal sealed class ChannelRelocation
{
    private readonly HeadSplit _split;
    private readonly int _rows;
    private readonly (int Channels, int Offset)[] _runs;

    /// <summary>What a split means in a layer.</summary>
    /// <param name="split">The offsets.</param>
    /// <param name="layer">The layer, from 0.</param>
    /// <param name="heads">h.</param>
    /// <param name="width">D.</param>
    internal ChannelRelocation(HeadSplit split, int layer, int heads, int width)
    {
        _split = split;
        _rows = split.Span == OffsetSpan.InEveryHead ? heads : 1;
        int[] offsets = split.ChannelOffsets(layer, heads, width)[..(width / _rows)];
        var runs = new List<(int Channels, int Offset)>();
        foreach (int offset in offsets)
            if (runs.Count > 0 && runs[^1].Offset == offset)
                runs[^1] = (runs[^1].Channels + 1, offset);
            else
                runs.Add((1, offset));
        _runs = [.. runs];
    }

    /// <summary>Moves what is to be moved.</summary>
    /// <param name="packed">Queries, keys and values, (B·T, N, 3D), clips one after another.</param>
    /// <param name="frames">T.</param>
    /// <returns>(B·T, N, 3D).</returns>
    internal Tensor Apply(Tensor packed, int frames)
    {
        if (_runs.All(run => run.Offset == 0))
            return packed;
        using var scope = NewDisposeScope();
        long[] s = packed.shape;
        long clips = s[0] / frames, tokens = s[1], width = s[2] / 3;
        // (B, T, N, 3, rows, channels): one row of D channels, or one of d for each head.
        Tensor parts = packed.view(clips, frames, tokens, 3, _rows, width / _rows);
        if (_split.Tokens == ShiftedTokens.ClassToken && tokens > 1)
        {
            Tensor[] byToken = parts.split([1L, tokens - 1], dim: 2);
            parts = cat([Moved(byToken[0]), byToken[1]], dim: 2);
        }
        else
        {
            parts = Moved(parts);
        }
        return parts.view(s).MoveToOuterDisposeScope();
    }

    private Tensor Moved(Tensor parts)
    {
        if (_split.Parts == ShiftedParts.QueriesKeysAndValues)
            return MovedRuns(parts);
        Tensor[] byPart = parts.split([1L, 2L], dim: 3);
        return cat([byPart[0], MovedRuns(byPart[1])], dim: 3);
    }

    private Tensor MovedRuns(Tensor parts)
    {
        Tensor[] byRun = parts.split([.. _runs.Select(run => (long)run.Channels)], dim: 5);
        return cat([.. byRun.Select((run, i) => FrameRelocation.Apply(run, dimension: 1, _runs[i].Offset, _split.Border))], dim: 5);
    }
}
