using System.Globalization;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Evaluation.Speed;

namespace ZeroI2V.Lab.Reporting;

/// <summary>What <c>lab bench</c> measured, as tables and as a comparison to draw.</summary>
public static class SpeedTables
{
    private const double Mebibyte = 1 << 20;

    /// <summary>Times of everything: median and quartiles, clips a second, share of the matrix ceiling, memory.</summary>
    /// <param name="report">The report.</param>
    public static ResultTable Times(SpeedReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        return new ResultTable
        {
            Caption = $"Measured on {Where(report)}; random weights and pixels",
            Synthetic = false,
            Columns =
            [
                new("preset", TextAlignment.Left), new("what", TextAlignment.Left), new("numbers", TextAlignment.Left), new("subject", TextAlignment.Left), new("clips"),
                new("median, ms"), new("quartiles, ms"), new("clips/s"), new("GFLOP/s"), new("of ceiling"), new("peak, MiB"),
            ],
            Rows = [.. report.Entries.Select(entry => (IReadOnlyList<string>)
            [
                entry.Preset,
                Name(entry.Workload),
                Name(entry.Precision),
                entry.Subject,
                Number(entry.Batch, "0"),
                entry.NotMeasured is null ? Number(1000 * entry.Samples.Median, "0.0") : $"not measured: {entry.NotMeasured}",
                entry.NotMeasured is null ? $"{Number(1000 * entry.Samples.Quantile(0.25), "0.0")} – {Number(1000 * entry.Samples.Quantile(0.75), "0.0")}" : "",
                entry.NotMeasured is null ? Number(entry.ClipsPerSecond, "0.00") : "",
                Number(Speed(entry) / 1e9, "0"),
                Speed(entry) is { } speed && Ceiling(report, entry.Precision) is { } ceiling ? ReportText.Percent(speed / ceiling.FlopsPerSecond) : "",
                Number(entry.PeakBytes / Mebibyte, "0"),
            ])],
        };
    }

    /// <summary>How folded ZeroI2V compares with everything else under the same conditions: medians of the rounds' ratios.</summary>
    /// <param name="report">The report.</param>
    public static ResultTable Ratios(SpeedReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var rows = new List<IReadOnlyList<string>>();
        foreach (SpeedEntry other in report.Entries.Where(entry => entry.Seconds.Count > 0))
        {
            string ours = other.Workload == Workload.TrainingStep ? SpeedBenchmark.Unfolded : SpeedBenchmark.Folded;
            if (other.Subject == ours || report.Find(other.Preset, other.Workload, other.Precision, ours) is not { } entry || SpeedReport.SpeedUp(entry, other) is not { } ratio)
                continue;
            rows.Add(
            [
                other.Preset, Name(other.Workload), Name(other.Precision), $"{ours} ÷ {other.Subject}",
                Number(ratio.Median, "0.000"), $"{Number(ratio.Quantile(0.25), "0.000")} – {Number(ratio.Quantile(0.75), "0.000")}",
                other.PeakBytes is > 0 && entry.PeakBytes is { } peak ? Number((double)peak / other.PeakBytes, "0.00") : "",
            ]);
        }
        foreach (SpeedEntry low in report.Entries.Where(entry => entry.Precision != Precision.Float32 && entry.Subject is SpeedBenchmark.Folded or SpeedBenchmark.Unfolded))
        {
            if (SpeedReport.SpeedUp(low, report.Find(low.Preset, low.Workload, Precision.Float32, low.Subject)) is { } ratio)
                rows.Add([low.Preset, Name(low.Workload), Name(low.Precision), $"{low.Subject} ÷ the same in 32-bit floats", Number(ratio.Median, "0.000"), $"{Number(ratio.Quantile(0.25), "0.000")} – {Number(ratio.Quantile(0.75), "0.000")}", ""]);
        }
        return new ResultTable
        {
            Caption = "Clips a second compared, in one run",
            Synthetic = false,
            Columns =
            [
                new("preset", TextAlignment.Left), new("what", TextAlignment.Left), new("numbers", TextAlignment.Left), new("compared", TextAlignment.Left),
                new("times as fast"), new("quartiles"), new("peak memory, share"),
            ],
            Rows = rows,
        };
    }

    /// <summary>What lower precisions change in the logits.</summary>
    /// <param name="report">The report.</param>
    public static ResultTable Differences(SpeedReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        return new ResultTable
        {
            Caption = "Logits in lower precision against 32-bit floats, same random weights and clip",
            Synthetic = false,
            Columns = [new("preset", TextAlignment.Left), new("numbers", TextAlignment.Left), new("largest difference"), new("relative"), new("same class", TextAlignment.Left)],
            Rows = [.. report.Differences.Select(difference => (IReadOnlyList<string>)
                [difference.Preset, Name(difference.Precision), Number(difference.Largest, "0.0000"), Number(difference.Relative, "0.0000"), difference.SameClass ? "yes" : "no"])],
        };
    }

    /// <summary>Throughput as a share of the plain image model's, by preset: what a bar chart is drawn from.</summary>
    /// <param name="report">The report.</param>
    /// <param name="workload">Latency or throughput.</param>
    /// <param name="precision">In which numbers.</param>
    /// <returns>Null where the plain image model was not measured. Shares above 1 by chance are drawn as 1; the table has them.</returns>
    public static GroupedResults? ShareOfPlain(SpeedReport report, Workload workload = Workload.Throughput, Precision precision = Precision.Float32)
    {
        ArgumentNullException.ThrowIfNull(report);
        string[] presets = [.. report.Entries.Select(entry => entry.Preset).Distinct().Where(preset => report.Find(preset, workload, precision, SpeedBenchmark.Plain) is not null)];
        string[] subjects = [.. report.Entries.Select(entry => entry.Subject).Distinct().Where(subject => subject != SpeedBenchmark.Plain && presets.Any(preset => report.Find(preset, workload, precision, subject) is not null))];
        if (presets.Length == 0 || subjects.Length == 0)
            return null;
        return new GroupedResults
        {
            Title = $"{(workload == Workload.Latency ? "Speed with one clip" : "Throughput")} beside the plain image model, {Name(precision)}",
            Note = Where(report),
            Synthetic = false,
            ValueName = "share of the plain ViT's clips a second",
            Most = double.PositiveInfinity,
            // Words, which a narrow axis can put below each other.
            Groups = [.. presets.Select(preset => preset.Replace('.', ' ').Replace('_', ' '))],
            Series = [.. subjects.Select(subject => new ResultSeries(
                subject,
                [.. presets.Select(preset => SpeedReport.SpeedUp(report.Find(preset, workload, precision, subject), report.Find(preset, workload, precision, SpeedBenchmark.Plain)) is { } ratio ? ratio.Median : double.NaN)]))],
        };
    }

    private static string Where(SpeedReport report) =>
        $"{report.Surroundings.Machine.GetValueOrDefault("processor", "unknown processor")}, {report.Device}, {Number(report.Threads, "0")} threads, libtorch {report.Libtorch}";

    private static double? Speed(SpeedEntry entry)
    {
        if (entry.MultiplyAdds is not { } operations || entry.Seconds.Count == 0)
            return null;
        // A backward pass goes once through frozen layers, for their input's gradient: about as many operations again.
        return 2.0 * operations * (entry.Workload == Workload.TrainingStep ? 2 : 1) / entry.Samples.Median;
    }

    private static MatmulCeiling? Ceiling(SpeedReport report, Precision precision) => report.Ceilings.FirstOrDefault(ceiling => ceiling.Precision == precision);

    private static string Name(Workload workload) => workload switch
    {
        Workload.Latency => "one clip",
        Workload.Throughput => "batch",
        _ => "training step",
    };

    private static string Name(Precision precision) => precision switch
    {
        Precision.Float32 => "float32",
        Precision.BFloat16 => "bfloat16",
        _ => "float16",
    };

    private static string Number(double? value, string format) => value is { } number ? number.ToString(format, CultureInfo.InvariantCulture) : "";
}
