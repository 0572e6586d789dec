using System.Globalization;

namespace ZeroI2V.Lab.VideoData.MicroWorld;

/// <summary>How far the making of a synthetic data set has come.</summary>
/// <param name="DataSet">Folder name of the data set, such as <c>micro-ssv2-small</c>.</param>
/// <param name="Done">Frames that are there.</param>
/// <param name="Total">Frames in all.</param>
/// <param name="FramesPerSecond">Rate since this process began to make them; 0 before the first.</param>
/// <param name="Left">Time left at this rate.</param>
public sealed record MicroProgress(string DataSet, int Done, int Total, double FramesPerSecond, TimeSpan Left)
{
    /// <summary>As a line for people.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"Making {DataSet}: {100.0 * Done / Total:0} % of {Total} frames{(FramesPerSecond > 0 ? string.Create(CultureInfo.InvariantCulture, $", {FramesPerSecond:0} frames/s, {(int)Left.TotalMinutes}:{Left.Seconds:00} left") : "")}");
}
