using ZeroI2V.Lab.VideoData;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Evaluation;

/// <summary>The batches of a loader with the frames of every clip in another order.</summary>
/// <param name="clips">The loader.</param>
/// <param name="order">The order.</param>
/// <param name="seed">What shuffles follow from.</param>
public sealed class ReorderedClips(IClipBatches clips, FrameOrder order, int seed = 0) : IClipBatches
{
    /// <inheritdoc/>
    public int Count => clips.Count;

    /// <inheritdoc/>
    public int BatchSize => clips.BatchSize;

    /// <inheritdoc/>
    public int BatchesPerEpoch => clips.BatchesPerEpoch;

    /// <inheritdoc/>
    public IEnumerable<ClipBatch> Epoch(int epoch, int firstBatch = 0)
    {
        foreach (ClipBatch batch in clips.Epoch(epoch, firstBatch))
            yield return order == FrameOrder.AsFilmed ? batch : Reordered(batch);
    }

    private ClipBatch Reordered(ClipBatch batch)
    {
        using (batch)
        using (var scope = NewDisposeScope())
        {
            int frames = (int)batch.Clips.shape[2];
            Tensor[] rows = [.. batch.Indices.Select((clip, row) =>
            {
                long[] places = [.. FrameOrders.Of(order, frames, seed, clip).Select(place => (long)place)];
                return batch.Clips.select(0, row).index_select(1, tensor(places, [places.Length], dtype: ScalarType.Int64));
            })];
            return new ClipBatch(stack(rows).MoveToOuterDisposeScope(), batch.Labels.clone().MoveToOuterDisposeScope(), batch.Indices);
        }
    }
}
