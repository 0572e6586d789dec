using System.Globalization;
using ZeroI2V.Lab.Ablations;
using ZeroI2V.Lab.Stdha;

namespace ZeroI2V.Lab.Reporting;

/// <summary>The tables of the notebook that explains STDHA.</summary>
public static class StdhaTables
{
    /// <summary>Which frame every channel shows, frame by frame.</summary>
    /// <param name="split">The offsets.</param>
    /// <param name="heads">h.</param>
    /// <param name="width">D.</param>
    /// <param name="frames">T.</param>
    public static ResultTable Shown(HeadSplit split, int heads = 4, int width = 16, int frames = 3)
    {
        int[][] shown = ThreeFrames.Shown(split, heads, width, frames);
        int channels = width / heads;
        return new ResultTable
        {
            Caption = $"Δt {split}: the frame that each channel shows",
            Synthetic = false,
            Columns = [new("output of frame"), .. Enumerable.Range(0, heads).Select(head => new TableColumn($"head {head}", TextAlignment.Left))],
            Rows = [.. shown.Select((frame, t) => (IReadOnlyList<string>)
            [
                t.ToString(CultureInfo.InvariantCulture),
                .. Enumerable.Range(0, heads).Select(head => string.Join(' ', frame.AsSpan(head * channels, channels).ToArray())),
            ])],
        };
    }

    /// <summary>How far models with offsets lie from the image model, frame by frame.</summary>
    /// <param name="differences">The comparisons.</param>
    public static ResultTable Differences(IReadOnlyList<FeatureDifference> differences)
    {
        ArgumentNullException.ThrowIfNull(differences);
        return new ResultTable
        {
            Caption = "Class features beside those of the image model, frame by frame, on random pixels",
            Synthetic = false,
            Columns = [new("offsets", TextAlignment.Left), new("largest difference"), new("largest feature")],
            Rows = [.. differences.Select(item => (IReadOnlyList<string>)[item.What, item.Difference.ToString(item.Difference == 0 ? "0" : "0.0e+0", CultureInfo.InvariantCulture), item.Largest.ToString("0.0", CultureInfo.InvariantCulture)])],
        };
    }
}
