using ZeroI2V.Lab.Evaluation;
using ZeroI2V.Lab.Reporting;
using ZeroI2V.Lab.Training;

namespace ZeroI2V.Lab.Tests.Reporting;

public sealed class GroupedResultsTests
{
    [Fact]
    public void Seeds_become_mean_and_standard_deviation_by_group_and_over_all_classes()
    {
        GroupedResults results = GroupedResults.PairAccuracy("compared", synthetic: true, [
            new("plain", [Result(0.4, 0.5, 0.45), Result(0.6, 0.5, 0.55)]),
            new("shifted", [Result(0.9, 0.8, 0.85), Result(1.0, 0.8, 0.9)]),
        ]);

        Assert.Equal(["directional", "cyclic", "all classes"], results.Groups);
        Assert.Equal([0.5, 0.5, 0.5], results.Series[0].Values.Select(value => Math.Round(value, 12)));
        // Of the sample 0.4, 0.6: the square root of 0.02.
        Assert.Equal(Math.Sqrt(0.02), results.Series[0].Errors![0], 12);
        Assert.Equal(0, results.Series[1].Errors![1], 12);
        Assert.Equal(0.5, results.Chance);
        Assert.Contains("2 seeds", results.Note, StringComparison.Ordinal);
    }

    [Fact]
    public void One_seed_has_no_spread()
    {
        GroupedResults results = GroupedResults.PairAccuracy("compared", synthetic: true, [new("plain", [Result(0.4, 0.5, 0.45)])]);

        Assert.Null(results.Series[0].Errors);
        Assert.Null(results.Note);
    }

    [Fact]
    public void Percent_in_place_of_a_fraction_is_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => (Two with { Series = [new("row", [91.0, 0.5])] }).Validated());
        Assert.Contains("Divide percent by 100", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Ratios_may_be_more_than_one_where_they_are_said_to_be_ratios()
    {
        GroupedResults faster = Two with { Series = [new("row", [1.3, 0.5])], Most = double.PositiveInfinity };
        Assert.Equal(1.3, faster.Validated().Series[0].Values[0]);
        Assert.Equal(1.04 * 140, faster.Top, 9);
        Assert.Throws<ArgumentException>(() => (faster with { Most = 1 }).Validated());
    }

    [Fact]
    public void A_row_needs_a_value_for_every_group()
    {
        var error = Assert.Throws<ArgumentException>(() => (Two with { Series = [new("row", [0.5])] }).Validated());
        Assert.Contains("'row'", error.Message, StringComparison.Ordinal);
        Assert.Contains("2 groups", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_table_has_the_numbers_and_says_synthetic()
    {
        ResultTable table = (Two with { Series = [new("row", [0.914, double.NaN], [0.011, 0.2])] }).ToTable();

        Assert.Equal(["row", "91.4 ± 1.1 %", "–"], table.Rows[0]);
        Assert.Contains("synthetic", table.FullCaption, StringComparison.Ordinal);
    }

    [Fact]
    public void Models_are_compared_in_one_table()
    {
        ResultTable table = ResultTables.Comparison("models", synthetic: true, [new("plain", [Result(0.4, 0.5, 0.45)], 1234), new("shifted", [Result(0.9, 0.8, 0.85)], 5678)]);

        Assert.Equal(
            ["model", "trained parameters", "top-1", "top-5", "pair accuracy, directional", "pair accuracy, cyclic", "pair accuracy, all classes"],
            table.Columns.Select(column => column.Name));
        Assert.Equal(["shifted", "5,678", "25.0 %", "75.0 %", "90.0 %", "80.0 %", "85.0 %"], table.Rows[1]);
    }

    [Fact]
    public void Classes_name_what_they_are_taken_for()
    {
        ResultTable table = ResultTables.Classes("classes", synthetic: true, Result(0.4, 0.5, 0.45) with
        {
            Classes = [new ClassScore(0, "left", "directional", 10, 0.7, 0.8, "right", 2), new ClassScore(1, "right", "", 0, null, null, null, 0)],
        });

        Assert.Equal(["left", "directional", "10", "70.0 %", "80.0 %", "right (2)"], table.Rows[0]);
        Assert.Equal(["right", "", "0", "–", "–", ""], table.Rows[1]);
    }

    [Fact]
    public void Results_on_different_groups_are_not_compared()
    {
        var error = Assert.Throws<ArgumentException>(() => GroupedResults.PairAccuracy("compared", synthetic: true,
            [new("plain", [Result(0.4, 0.5, 0.45)]), new("other", [Result(0.4, 0.5, 0.45) with { Groups = [] }])]));
        Assert.Contains("directional, cyclic", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_curve_of_metrics_leaves_epochs_without_evaluation_open()
    {
        TrainingCurve curve = TrainingCurve.From("run", [Epoch(1, 2.0, null), Epoch(2, 1.5, 0.25)]).Validated();

        Assert.Equal([1, 2], curve.Epochs);
        Assert.Equal([2.0, 1.5], curve.TrainLoss);
        Assert.Equal([double.NaN, 0.25], curve.TestAccuracy);
    }

    private static GroupedResults Two => new()
    {
        Title = "compared",
        Synthetic = true,
        ValueName = "pair accuracy",
        Groups = ["a", "b"],
        Series = [new("row", [0.5, 0.6])],
    };

    private static EpochMetrics Epoch(int number, double loss, double? top1) => new()
    {
        Epoch = number,
        Step = number,
        Loss = loss,
        LearningRate = 0,
        TrainTop1 = 0,
        Seconds = 1,
        Test = top1 is double value ? new Dictionary<string, double> { ["top1"] = value } : null,
    };

    private static EvaluationResult Result(double directional, double cyclic, double all) => new()
    {
        Clips = 10,
        Overall = new GroupScore(GroupScore.AllClasses, 10, 0.25, 0.75, 0, all),
        Groups = [new GroupScore("directional", 5, 0, 0, 0, directional), new GroupScore("cyclic", 5, 0, 0, 0, cyclic)],
        Classes = [],
        Confusion = [],
    };
}
