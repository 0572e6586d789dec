using System.Text.Json;
using ZeroI2V.Lab.Evaluation;
using ZeroI2V.Lab.Training;

namespace ZeroI2V.Lab.Tests.Evaluation;

public sealed class EvaluationResultTests
{
    private static readonly ClassTable Classes = new(
        ["left", "right", "orbit cw", "orbit ccw", "still", "noise", "blink"],
        ["directional", "directional", "cyclic", "cyclic", "", "", ""],
        [1, 0, 3, 2, -1, -1, -1]);

    private static double[] Row(params double[] scores) => scores;

    // Worked by hand: right / wrong for top-1, top-5 and within the pair.
    private static readonly EvaluationResult Result = EvaluationResult.From(
        new ClipScores(
            [
                Row(.9, .1, 0, 0, 0, 0, 0),              // left: top-1, pair
                Row(.1, .2, .6, .05, .03, .02, 0),       // left, taken for orbit cw: top-5 (third), pair missed (right is higher)
                Row(.3, .2, .5, 0, 0, 0, 0),             // right, taken for orbit cw: top-5, pair missed
                Row(0, 0, .5, .4, .1, 0, 0),             // orbit cw: top-1, pair
                Row(.3, .2, .1, .11, .15, .14, 0),       // orbit cw, sixth of seven: nothing; pair missed
                Row(.3, .3, .3, .1, 0, 0, 0),            // orbit ccw, taken for left (first of three equals): top-5, pair missed
                Row(0, 0, 0, 0, 1, 0, 0),                // still: top-1, no pair
            ],
            [0, 0, 1, 2, 2, 3, 4],
            7),
        Classes);

    [Fact]
    public void Overall_numbers_match_a_count_by_hand()
    {
        Assert.Equal(7, Result.Overall.Clips);
        Assert.Equal(3.0 / 7, Result.Overall.Top1, 12);
        Assert.Equal(6.0 / 7, Result.Overall.Top5, 12);
        // left 1/2, right 0, orbit cw 1/2, orbit ccw 0, still 1; classes without clips do not count.
        Assert.Equal((0.5 + 0 + 0.5 + 0 + 1) / 5, Result.Overall.MeanClassAccuracy, 12);
        // Six clips have a partner; two beat it.
        Assert.Equal(2.0 / 6, Result.Overall.PairAccuracy!.Value, 12);
        Assert.Equal((7, 6), (Result.ClipsOf("top1"), Result.ClipsOf("pair")));
    }

    [Fact]
    public void Groups_count_only_their_classes_clips()
    {
        Assert.Equal(["directional", "cyclic"], Result.Groups.Select(g => g.Name));
        GroupScore directional = Result.Group("directional");
        Assert.Equal(3, directional.Clips);
        Assert.Equal((3, 3, (int?)null), (Result.ClipsOf("directional.top1"), Result.ClipsOf("cyclic.pair"), Result.ClipsOf("none.pair")));
        Assert.Equal(1.0 / 3, directional.Top1, 12);
        Assert.Equal(1.0 / 3, directional.PairAccuracy!.Value, 12);
        Assert.Equal(0.25, directional.MeanClassAccuracy, 12);
        Assert.Equal(1.0 / 3, Result.Group("cyclic").PairAccuracy!.Value, 12);
    }

    [Fact]
    public void A_class_line_names_its_most_frequent_confusion()
    {
        ClassScore left = Result.Classes[0];
        Assert.Equal((2, 0.5, 0.5), (left.Clips, left.Top1, left.PairAccuracy));
        Assert.Equal(("orbit cw", 1), (left.Confusion, left.ConfusionClips));
        ClassScore still = Result.Classes[4];
        Assert.Equal((1.0, (double?)null, (string?)null), (still.Top1, still.PairAccuracy, still.Confusion));
        ClassScore unseen = Result.Classes[6];
        Assert.Equal((0, (double?)null, (double?)null), (unseen.Clips, unseen.Top1, unseen.PairAccuracy));
    }

    [Fact]
    public void The_confusion_matrix_has_true_classes_in_rows()
    {
        Assert.Equal([1, 0, 1, 0, 0, 0, 0], Result.Confusion[0]);
        Assert.Equal([0, 0, 1, 0, 0, 0, 0], Result.Confusion[1]);
        Assert.Equal([1, 0, 0, 0, 0, 0, 0], Result.Confusion[3]);
        Assert.Equal(7, Result.Confusion.Sum(row => row.Sum()));
    }

    [Fact]
    public void A_model_that_scores_all_classes_alike_gets_nothing()
    {
        EvaluationResult flat = EvaluationResult.From(new ClipScores([new double[7], new double[7]], [0, 3], 7), Classes);
        Assert.Equal((0.0, 0.0, 0.0), (flat.Overall.Top1, flat.Overall.Top5, flat.Overall.PairAccuracy!.Value));
    }

    [Fact]
    public void Classes_without_partners_have_no_pair_accuracy()
    {
        EvaluationResult result = EvaluationResult.From(new ClipScores([Row(1, 0)], [0], 2), new ClassTable(["a", "b"]));
        Assert.Null(result.Overall.PairAccuracy);
        Assert.Empty(result.Groups);
        Assert.DoesNotContain("pair", result.Summary().Keys);
        Assert.Equal(1, result.Overall.Top5); // five of two classes
    }

    [Fact]
    public void The_summary_names_every_group()
    {
        IReadOnlyDictionary<string, double> summary = Result.Summary();
        Assert.Equal(Result.Overall.Top1, summary["top1"]);
        Assert.Equal(Result.Group("cyclic").PairAccuracy, summary["cyclic.pair"]);
        Assert.Equal(Result.Group("directional").Top1, summary["directional.top1"]);
    }

    [Fact]
    public void A_result_survives_a_round_trip_through_json()
    {
        string json = JsonSerializer.Serialize(Result, RunJson.Options);
        EvaluationResult read = RunJson.Read<EvaluationResult>(json, "result");
        Assert.Equal(json, JsonSerializer.Serialize(read, RunJson.Options));
        Assert.Equal(Result.Overall, read.Overall);
    }

    [Fact]
    public void Scores_that_are_not_numbers_are_an_error() =>
        Assert.Throws<ArgumentException>(() => new ClipScores([Row(double.NaN, 0)], [0], 2));

    [Fact]
    public void A_label_out_of_range_is_an_error() =>
        Assert.Throws<ArgumentException>(() => new ClipScores([Row(1, 0)], [2], 2));

    [Fact]
    public void Scores_for_another_number_of_classes_are_an_error() =>
        Assert.Throws<ArgumentException>(() => EvaluationResult.From(new ClipScores([Row(1, 0)], [0], 2), Classes));

    [Fact]
    public void Partners_that_do_not_point_back_are_an_error() =>
        Assert.Throws<ArgumentException>(() => new ClassTable(["a", "b", "c"], null, [1, 2, 0]));
}
