using ZeroI2V.Lab.Backbone;

namespace ZeroI2V.Lab.Evaluation.Speed;

/// <summary>
/// What moving frames costs at inference with libtorch's attention, counted. It computes nothing, so all there is are bytes. A
/// kernel that reads each head's keys and values where they lie, as the lab's own does on a CPU, moves none; libtorch's takes
/// all heads in one call, so the temporal heads' must stand in the query's frame, and the floor is reading and writing each once, as
/// the lab's kernel does on a GPU.
/// </summary>
/// <param name="Floor">Bytes read and written where everything that moves is moved once.</param>
/// <param name="Moved">Bytes read and written where libtorch's functions move them: all frames of the temporal heads into a buffer close together, and those that move back.</param>
/// <param name="Official">Bytes read and written by cloning all keys and values and assigning slices, as the official code does.</param>
/// <param name="Block">Bytes read and written by everything else in the blocks that goes through memory, each tensor once.</param>
public sealed record RelocationFloor(long Floor, long Moved, long Official, long Block)
{
    /// <summary>Counts for one clip.</summary>
    /// <param name="options">The recogniser, offsets by whole heads.</param>
    /// <param name="elementBytes">Bytes of a number.</param>
    public static RelocationFloor Of(RecognizerOptions options, int elementBytes = 4)
    {
        ArgumentNullException.ThrowIfNull(options);
        VitOptions vit = options.Backbone;
        long frame = 2L * vit.Tokens() * (vit.Width / vit.Heads) * elementBytes; // keys and values of one head
        long floor = 0, moved = 0, official = 0;
        for (int layer = 0; layer < vit.Layers; layer++)
        {
            int[] offsets = options.Heads.Offsets(layer, vit.Heads);
            foreach (int offset in offsets.Where(offset => offset != 0 && Math.Abs((long)offset) < options.Frames))
            {
                long frames = options.Frames - Math.Abs(offset);
                floor += 2 * frames * frame;
                moved += 2 * (options.Frames + frames) * frame;
                official += 2 * frames * frame;
            }
            if (offsets.Any(offset => offset != 0))
                official += 2L * options.Frames * vit.Heads * frame;
        }
        long row = (long)options.Frames * vit.Tokens() * elementBytes;
        // Two norms, two sums, the four projections' inputs and outputs, attention, the activation in place.
        long block = row * ((2 * 2 + 2 * 3 + (1 + 3) + (3 + 1) + 2 + 1 + 1) * (long)vit.Width + 4L * vit.MlpHidden);
        return new RelocationFloor(floor, moved, official, vit.Layers * block);
    }
}
