namespace ZeroI2V.Lab.VideoData;

/// <summary>Clips in batches, epoch after epoch.</summary>
public interface IClipBatches
{
    /// <summary>Number of clips.</summary>
    int Count { get; }

    /// <summary>Clips of a batch; the last one of an epoch may have fewer.</summary>
    int BatchSize { get; }

    /// <summary>Batches of an epoch.</summary>
    int BatchesPerEpoch { get; }

    /// <summary>The batches of an epoch. They follow from seed, epoch and batch number alone: an epoch taken up at a batch gives the
    /// same batches as one that was not interrupted.</summary>
    /// <param name="epoch">From 0.</param>
    /// <param name="firstBatch">The first batch wanted, from 0.</param>
    IEnumerable<ClipBatch> Epoch(int epoch, int firstBatch = 0);

    /// <summary>Videos that turned out to be bad so far and were skipped.</summary>
    IReadOnlyCollection<BadVideo> Skipped => [];
}
