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

    /// <summary>The table.</summary>
    /// <param name="caption">What is compared.</param>
    /// <param name="rows">The recognisers.</param>
    public static ResultTable Of(string caption, IReadOnlyList<CostRow> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        bool measured = rows.Any(row => row.Measured is not null);
        return new ResultTable
        {
            Caption = caption,
            Synthetic = false,
            Columns =
            [
                new("method", TextAlignment.Left),
                new("parameters, M"),
                new("trained, M"),
                new("added at inference, M"),
                new("GFLOPs a view"),
                new("views"),
                new("GFLOPs"),
                new("activations, MiB"),
                new("in training"),
                .. measured ? [new TableColumn("measured ms a clip"), new("clips/s"), new("peak MiB"), new("training step, ms"), new("peak MiB, training")] : Array.Empty<TableColumn>(),
                new("published: GFLOPs"),
                new("parameters, M"),
                new("tuned, M"),
                new("source", TextAlignment.Left),
            ],
            Rows = [.. rows.Select(row => Row(row, measured))],
        };
    }

    private static IReadOnlyList<string> Row(CostRow row, bool measured)
    {
        ModelCost trained = ModelCost.Of(row.Options), used = ModelCost.AtInference(row.Options);
        ActivationMemory memory = ActivationMemory.Of(row.Options, clips: 1);
        PublishedCost? published = PublishedCost.For(row.Options);
        return
        [
            row.Name,
            Number(used.Parameters / Million, "0.0"),
            Number(trained.TrainedParameters / Million, "0.00"),
            Number(used.AddedParameters / Million, "0.00"),
            Number(used.GFlops, "0.##"),
            Number(row.Views, "0"),
            Number(used.GFlops * row.Views, "0.#"),
            Number(memory.Inference / Mebibyte, "0"),
            Number(memory.Training / Mebibyte, "0"),
            .. measured ? Measured(row.Measured) : [],
            Number(published is null ? null : published.GFlops * row.Views / published.Views, "0.#"),
            Number(published?.Parameters, "0"),
            Number(published?.Tuned, "0"),
            published?.Source ?? "",
        ];
    }

    private static string[] Measured(CostMeasurement? measured) =>
    [
        Number(measured?.Latency.TotalMilliseconds, "0.0"),
        Number(measured?.ClipsPerSecond, "0.00"),
        Number(measured?.InferenceBytes / Mebibyte, "0"),
        Number(measured?.TrainingStep?.TotalMilliseconds, "0"),
        Number(measured?.TrainingBytes / Mebibyte, "0"),
    ];

    private static string Number(double? value, string format) => value is { } number ? number.ToString(format, CultureInfo.InvariantCulture) : "";
}
