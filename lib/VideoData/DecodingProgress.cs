namespace ZeroI2V.Lab.VideoData;

/// <summary>How far decoding has come.</summary>
/// <param name="Done">Videos decoded.</param>
/// <param name="Total">Videos in all.</param>
/// <param name="ClipsPerSecond">Rate so far.</param>
/// <param name="Left">Time left at this rate.</param>
public sealed record DecodingProgress(int Done, int Total, double ClipsPerSecond, TimeSpan Left)
{
    /// <summary>What is to be known besides: that decoded clips cannot be kept, or are waited for; null for nothing.</summary>
    public string? Note { get; init; }
}
