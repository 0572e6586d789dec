using ZeroI2V.Lab.Evaluation;

namespace ZeroI2V.Lab.Reporting;

/// <summary>One row of a comparison: a value for every group.</summary>
/// <param name="Name">What the row is, as the legend says it.</param>
/// <param name="Values">One fraction in [0, 1] for each group; NaN where there is none.</param>
/// <param name="Errors">The spread of each value, a fraction too; null for none.</param>
public sealed record ResultSeries(string Name, IReadOnlyList<double> Values, IReadOnlyList<double>? Errors = null);

/// <summary>Rows compared within groups: what a bar chart of results is drawn from.</summary>
public sealed record GroupedResults
{
    // In the width of a chart or figure.
    private const int CharactersBelowBars = 100;

    /// <summary>What is compared.</summary>
    public required string Title { get; init; }

    /// <summary>What the reader must know, such as "mean of 3 seeds"; null for nothing.</summary>
    public string? Note { get; init; }

    /// <summary>Whether the data are made; every chart of them says so.</summary>
    public required bool Synthetic { get; init; }

    /// <summary>What a value is, as the axis says it: "pair accuracy".</summary>
    public required string ValueName { get; init; }

    /// <summary>The groups, in order.</summary>
    public required IReadOnlyList<string> Groups { get; init; }

    /// <summary>The rows, the one that the others are compared with first.</summary>
    public required IReadOnlyList<ResultSeries> Series { get; init; }

    /// <summary>The value that guessing gives, a fraction; null for no such line.</summary>
    public double? Chance { get; init; }

    /// <summary>The groups' names in lines as short as leave them beside each other below their bars.</summary>
    internal IReadOnlyList<string> GroupLabels => [.. Groups.Select(group => ReportText.Wrapped(group, CharactersBelowBars / Groups.Count))];

    /// <summary>The largest value that there can be: 1 for parts of a whole, infinite for ratios.</summary>
    public double Most { get; init; } = 1;

    /// <summary>Upper end of the axis of values, in per cent.</summary>
    internal double Top => PercentAxis.Top(Series.SelectMany(row => row.Errors is null ? row.Values : row.Values.Zip(row.Errors, (value, error) => value + (double.IsNaN(error) ? 0 : error))).Append(Chance ?? 0), Most);

    /// <summary>Pair accuracy of several models by group of classes, mean and standard deviation over seeds.</summary>
    /// <param name="title">What is compared.</param>
    /// <param name="synthetic">Whether the data are made.</param>
    /// <param name="models">The models, the one that the others are compared with first.</param>
    /// <returns>The comparison, with all classes together as the last group; the spread only where a model has several seeds.</returns>
    /// <exception cref="ArgumentException">There is no model, one has no result, or groups differ between results.</exception>
    public static GroupedResults PairAccuracy(string title, bool synthetic, IReadOnlyList<ModelResults> models)
    {
        ArgumentNullException.ThrowIfNull(models);
        if (models.Count == 0 || models.Any(model => model.Seeds.Count == 0))
            throw new ArgumentException("There must be at least one model, and every model must have the result of at least one seed.", nameof(models));
        string[] groups = [.. models[0].Seeds[0].Groups.Select(group => group.Name)];
        foreach (EvaluationResult result in models.SelectMany(model => model.Seeds))
        {
            if (!result.Groups.Select(group => group.Name).SequenceEqual(groups))
                throw new ArgumentException($"Every result must have the groups {string.Join(", ", groups)}; found {string.Join(", ", result.Groups.Select(g => g.Name))}. Compare results on one data set.", nameof(models));
        }
        int seeds = models.Max(model => model.Seeds.Count);
        return new GroupedResults
        {
            Title = title,
            Note = seeds > 1 ? $"mean ± standard deviation of {seeds} seeds" : null,
            Synthetic = synthetic,
            ValueName = "pair accuracy",
            Groups = [.. groups, "all classes"],
            Chance = 0.5,
            Series = [.. models.Select(model =>
            {
                Spread[] spreads = [.. groups.Append(null).Select(group => Spread.Of(
                    [.. model.Seeds.Select(result => (group is null ? result.Overall : result.Group(group)).PairAccuracy ?? double.NaN)]))];
                return new ResultSeries(
                    model.Name,
                    [.. spreads.Select(spread => spread.Mean)],
                    model.Seeds.Count > 1 ? [.. spreads.Select(spread => spread.StandardDeviation)] : null);
            })],
        };
    }

    /// <summary>Checks that the lists fit each other and the values are fractions.</summary>
    /// <returns>This record.</returns>
    /// <exception cref="ArgumentException">They do not; the message says where.</exception>
    public GroupedResults Validated()
    {
        if (Groups.Count == 0 || Series.Count == 0)
            throw new ArgumentException($"A comparison needs a group and a row; '{Title}' has {Groups.Count} and {Series.Count}.");
        foreach (ResultSeries series in Series)
        {
            if (series.Values.Count != Groups.Count || (series.Errors is { } errors && errors.Count != Groups.Count))
                throw new ArgumentException($"'{series.Name}' must have a value for each of the {Groups.Count} groups of '{Title}'; found {series.Values.Count} values and {series.Errors?.Count ?? 0} errors.");
            if (series.Values.Any(value => value < 0 || value > Most || double.IsInfinity(value)))
                throw new ArgumentException($"The values of '{series.Name}' must be fractions{(Most == 1 ? " in [0, 1]" : "")}; found {string.Join(", ", series.Values)}. Divide percent by 100.");
            if (series.Errors?.Any(error => error < 0 || double.IsInfinity(error)) == true)
                throw new ArgumentException($"The errors of '{series.Name}' must be 0 or more; found {string.Join(", ", series.Errors)}.");
        }
        return this;
    }

    /// <summary>The comparison as a table: a line a row, a column a group.</summary>
    /// <returns>The table.</returns>
    public ResultTable ToTable()
    {
        Validated();
        return new ResultTable
        {
            Caption = $"{Title}: {ValueName}" + (Note is null ? "" : $", {Note}"),
            Synthetic = Synthetic,
            Columns = [new("", TextAlignment.Left), .. Groups.Select(group => new TableColumn(group))],
            Rows = [.. Series.Select(series => (IReadOnlyList<string>)
                [series.Name, .. series.Values.Select((value, i) => ReportText.Percent(value, series.Errors?[i] ?? double.NaN))])],
        };
    }
}
