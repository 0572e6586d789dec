using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Evaluation;
using ZeroI2V.Lab.Training;

namespace ZeroI2V.Lab.Ablations;

/// <summary>One trained row.</summary>
/// <param name="Row">Which.</param>
/// <param name="Seed">Its seed.</param>
/// <param name="Folder">Its run folder.</param>
/// <param name="Reused">True when it was finished before.</param>
/// <param name="TrainedParameters">Number of trained values.</param>
/// <param name="Seconds">Seconds that training took.</param>
/// <param name="Result">What it scores on unseen objects.</param>
/// <param name="Epochs">What training reported.</param>
public sealed record FirstLightRun(
    FirstLightRow Row, int Seed, string Folder, bool Reused, long TrainedParameters, double Seconds,
    EvaluationResult Result, IReadOnlyList<EpochMetrics> Epochs);

/// <summary>A statement that the comparison must bear out, and whether it does.</summary>
/// <param name="Statement">What is expected, in words.</param>
/// <param name="Measured">What came out, in words.</param>
/// <param name="Holds">Whether it does.</param>
public sealed record Expectation(string Statement, string Measured, bool Holds);

/// <summary>All rows and seeds of the first comparison.</summary>
/// <param name="Options">How it was made.</param>
/// <param name="ImageModel">The frozen image model.</param>
/// <param name="DataSha256">Hash over the decoded frames of all training and test clips.</param>
/// <param name="TrainClips">Training clips.</param>
/// <param name="TestClips">Test clips.</param>
/// <param name="Runs">Every run.</param>
public sealed record FirstLightReport(
    FirstLightOptions Options, PretrainedImageModel ImageModel, string DataSha256, int TrainClips, int TestClips, IReadOnlyList<FirstLightRun> Runs)
{
    /// <summary>The data set, for titles.</summary>
    public string DataName { get; init; } = "MicroSSv2";

    /// <summary>Whether its videos were made by a program.</summary>
    public bool Synthetic { get; init; } = true;

    /// <summary>The image model's sizes.</summary>
    public VitOptions Backbone { get; init; } = Options.ImageModel.Backbone;

    /// <summary>Whether classes have time reversals, so that there is a pair accuracy.</summary>
    public bool HasPairs => Runs[0].Result.Overall.PairAccuracy is not null;

    /// <summary>The runs of a row, by seed.</summary>
    public IReadOnlyList<FirstLightRun> Of(FirstLightRow row) => [.. Runs.Where(run => run.Row == row)];

    /// <summary>A number of a row's results, averaged over seeds.</summary>
    public double Mean(FirstLightRow row, Func<EvaluationResult, double> number) => Of(row).Average(run => number(run.Result));

    /// <summary>What must come out, averaged over the seeds, on objects that training never shows; of a public data set, what the paper leads one to expect.</summary>
    public IReadOnlyList<Expectation> Expectations()
    {
        if (Options.DataSet.Length > 0)
            return OnDataSet();
        string[] groups = [.. Runs[0].Result.Groups.Select(group => group.Name)];
        double Pair(FirstLightRow row, string group) => Mean(row, result => result.Group(group).PairAccuracy ?? double.NaN);
        double cyclic = Pair(FirstLightRow.Stdha, "cyclic"), cyclicEmbedding = Pair(FirstLightRow.EmbeddingOnly, "cyclic");
        double all = Mean(FirstLightRow.Stdha, result => result.Overall.PairAccuracy ?? double.NaN);
        double gain = Mean(FirstLightRow.Stdha, result => result.Overall.Top1) - Mean(FirstLightRow.FrameAveraging, result => result.Overall.Top1);
        return
        [
            .. groups.Select(group => (group, value: Pair(FirstLightRow.FrameAveraging, group))).Select(g =>
                new Expectation($"Frame averaging is at chance, {g.group}: 45 to 55 % pair accuracy", Percent(g.value), g.value is >= 0.45 and <= 0.55)),
            new("STDHA, all classes: at least 90 % pair accuracy", Percent(all), all >= 0.90),
            new("STDHA, cyclic: at least 85 % pair accuracy", Percent(cyclic), cyclic >= 0.85),
            new("STDHA over temporal embedding only, cyclic: at least 10 points more", Points(cyclic - cyclicEmbedding), cyclic - cyclicEmbedding >= 0.10),
            new("STDHA over frame averaging: at least 25 points more top-1", Points(gain), gain >= 0.25),
            SameParameters(),
        ];
    }

    private IReadOnlyList<Expectation> OnDataSet()
    {
        double Top1(FirstLightRow row) => Mean(row, result => result.Overall.Top1);
        double embedding = Top1(FirstLightRow.Stdha) - Top1(FirstLightRow.EmbeddingOnly), averaging = Top1(FirstLightRow.Stdha) - Top1(FirstLightRow.FrameAveraging);
        return
        [
            new("STDHA over temporal embedding only: more top-1", Points(embedding), embedding > 0),
            new("STDHA over frame averaging: more top-1", Points(averaging), averaging > 0),
            SameParameters(),
        ];
    }

    private Expectation SameParameters()
    {
        long[] trained = [.. Of(FirstLightRow.EmbeddingOnly).Concat(Of(FirstLightRow.Stdha)).Select(run => run.TrainedParameters).Distinct()];
        return new("The last two rows train the same number of values", string.Join(" and ", trained), trained.Length == 1);
    }

    private static string Percent(double fraction) => FormattableString.Invariant($"{100 * fraction:0.0} %");

    private static string Points(double fraction) => FormattableString.Invariant($"{100 * fraction:+0.0;-0.0} points");
}
