using System.Globalization;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Evaluation;

namespace ZeroI2V.Lab.Reporting;

/// <summary>A row of a cost table.</summary>
/// <param name="Name">Whose cost it is.</param>
/// <param name="Options">The recogniser as it is trained.</param>
/// <param name="Views">Views of the test.</param>
/// <param name="Measured">What was measured on this machine, or null.</param>
public sealed record CostRow(string Name, RecognizerOptions Options, int Views, CostMeasurement? Measured = null);

/// <summary>What methods cost: computed from the options, measured where it was, and what was published in columns of its own.</summary>
public static class CostTable
{
    private const double Million = 1e6;
    private const double Mebibyte = 1 << 20;

    /// <summary>What the options say, and beside it what was published about the same recognisers.</summary>
    /// <param name="caption">What is compared.</param>
    /// <param name="rows">The recognisers.</param>
    public static ResultTable Computed(string caption, IReadOnlyList<CostRow> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        bool published = rows.Any(row => PublishedCost.For(row.Options) is not null);
        return new ResultTable
        {
            Caption = caption,
            Synthetic = false,
            Columns =
            [
                new("method", TextAlignment.Left), new("params, M"), new("trained, M"), new("added in use, M"), new("GFLOPs a view"), new("views"), new("GFLOPs"),
                new("activations, MiB"), new("in training, MiB"),
                .. published ? [new TableColumn("published: GFLOPs"), new("params, M"), new("tuned, M"), new("added, M"), new("source", TextAlignment.Left)] : Array.Empty<TableColumn>(),
            ],
            Rows = [.. rows.Select(row => (IReadOnlyList<string>)[.. Counted(row), .. published ? Published(row) : []])],
        };
    }

    /// <summary>What was measured on this machine.</summary>
    /// <param name="caption">What is compared.</param>
    /// <param name="rows">The recognisers, measured.</param>
    public static ResultTable Measured(string caption, IReadOnlyList<CostRow> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return new ResultTable
        {
            Caption = $"{caption}, measured on this machine with random weights and pixels",
            Synthetic = false,
            Columns = [new("method", TextAlignment.Left), new("one clip, ms"), new("clips/s"), new("peak, MiB"), new("training step, ms"), new("peak in training, MiB")],
            Rows = [.. rows.Select(row => (IReadOnlyList<string>)
            [
                row.Name,
                Number(row.Measured?.Latency.TotalMilliseconds, "0.0"),
                Number(row.Measured?.ClipsPerSecond, "0.00"),
                Number(row.Measured?.InferenceBytes / Mebibyte, "0"),
                Number(row.Measured?.TrainingStep.TotalMilliseconds, "0.0"),
                Number(row.Measured?.TrainingBytes / Mebibyte, "0"),
            ])],
        };
    }

    private static string[] Counted(CostRow row)
    {
        ModelCost trained = ModelCost.Of(row.Options), used = ModelCost.AtInference(row.Options);
        ActivationMemory memory = ActivationMemory.Of(row.Options, clips: 1);
        return
        [
            row.Name,
            Number(used.Parameters / Million, "0.0#"),
            Number(trained.TrainedParameters / Million, "0.00#"),
            Number(used.AddedParameters / Million, "0.00#"),
            Number(used.GFlops, "0.0##"),
            Number(row.Views, "0"),
            Number(used.GFlops * row.Views, "0.0##"),
            Number(memory.Inference / Mebibyte, "0.#"),
            Number(memory.Training / Mebibyte, "0.#"),
        ];
    }

    private static string[] Published(CostRow row)
    {
        PublishedCost? published = PublishedCost.For(row.Options);
        return
        [
            Number(published is null ? null : published.GFlops * row.Views / published.Views, "0.#"),
            Number(published?.Parameters, "0"),
            Number(published?.Tuned, "0"),
            Number(published?.Added, "0"),
            published?.Source ?? "",
        ];
    }

    private static string Number(double? value, string format) => value is { } number ? number.ToString(format, CultureInfo.InvariantCulture) : "";
}
