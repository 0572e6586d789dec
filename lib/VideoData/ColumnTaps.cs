using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ZeroI2V.Lab.VideoData;

/// <summary>The step across of <see cref="BilinearResize"/>: rows of red, green and blue bytes, resized along the row. Eight values at a
/// time where their sources lie close together, the same numbers as one by one.</summary>
internal sealed class ColumnTaps
{
    private const int Step = 4, Window = 16;

    private readonly BilinearResize.Tap[] _taps;
    // For each four values: where their window of sixteen source bytes begins, which of those are multiplied, with what.
    private readonly int[] _starts;
    private readonly Vector128<byte>[] _picks;
    private readonly Vector128<short>[] _weights;

    /// <param name="taps">Source pixels and weights of each target pixel.</param>
    /// <param name="sourceWidth">Pixels of a source row.</param>
    public ColumnTaps(BilinearResize.Tap[] taps, int sourceWidth)
    {
        _taps = taps;
        int groups = Ssse3.IsSupported && 3 * sourceWidth >= Window ? Length / (2 * Step) * 2 : 0;
        (_starts, _picks, _weights) = (new int[groups], new Vector128<byte>[groups], new Vector128<short>[groups]);
        Span<byte> pick = stackalloc byte[16];
        Span<short> weights = stackalloc short[8];
        for (int group = 0; group < groups; group++)
        {
            // Of two pixels with one source the second one's red comes before the first one's blue.
            int start = Math.Min(Enumerable.Range(group * Step, Step).Min(First), 3 * sourceWidth - Window);
            for (int i = 0; i < Step; i++)
            {
                int value = group * Step + i;
                BilinearResize.Tap tap = taps[value / 3];
                int first = First(value) - start, second = 3 * tap.Second + value % 3 - start;
                if (second >= Window)
                {
                    // Shrunk by so much that a window does not hold them.
                    (_starts, _picks, _weights) = ([], [], []);
                    return;
                }
                // Each byte becomes the lower half of a 16-bit number; the upper is picked from nowhere, which gives 0.
                (pick[4 * i], pick[4 * i + 1], pick[4 * i + 2], pick[4 * i + 3]) = ((byte)first, 0x80, (byte)second, 0x80);
                (weights[2 * i], weights[2 * i + 1]) = ((short)tap.Weight0, (short)tap.Weight1);
            }
            (_starts[group], _picks[group], _weights[group]) = (start, Vector128.Create<byte>(pick), Vector128.Create<short>(weights));
        }
    }

    /// <summary>Values of a target row.</summary>
    public int Length => 3 * _taps.Length;

    /// <summary>Resizes a row: (first w0 + second w1) / 16, cut off.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Across(ReadOnlySpan<byte> source, Span<short> target)
    {
        int[] starts = _starts;
        for (int group = 0; group + 1 < starts.Length; group += 2)
        {
            Vector128<int> low = Four(source, group), high = Four(source, group + 1);
            Sse2.PackSignedSaturate(low, high).CopyTo(target.Slice(group * Step, 2 * Step));
        }
        for (int value = starts.Length * Step; value < target.Length; value++)
        {
            BilinearResize.Tap tap = _taps[value / 3];
            target[value] = (short)((source[3 * tap.First + value % 3] * tap.Weight0 + source[3 * tap.Second + value % 3] * tap.Weight1) >> 4);
        }
    }

    private int First(int value) => 3 * _taps[value / 3].First + value % 3;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector128<int> Four(ReadOnlySpan<byte> source, int group) =>
        Sse2.MultiplyAddAdjacent(Ssse3.Shuffle(Vector128.Create(source.Slice(_starts[group], Window)), _picks[group]).AsInt16(), _weights[group]) >> 4;
}
