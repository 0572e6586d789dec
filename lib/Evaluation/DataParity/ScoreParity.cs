using System.Text.Json;
using ZeroI2V.Lab.Parity;

namespace ZeroI2V.Lab.Evaluation.DataParity;

/// <summary>Means over views, top-k with ties, mean class accuracy, confusion.</summary>
internal static class ScoreParity
{
    private const double Tolerance = 1e-6;

    public static IEnumerable<ParityRow> Check(JsonElement data) => [Averaging(data), Accuracy(data), OrderFree(data), Confusion(data)];

    private static ParityRow Averaging(JsonElement data)
    {
        var cases = new ParityCases("means over views");
        foreach (JsonElement e in data.Cases("averaging"))
        {
            int views = e.Int("views");
            float[][] rows = [.. e.Cases("logits").Select(row => row.Reals().Select(v => (float)v).ToArray())];
            foreach ((ViewAverage average, string name) in new[] { (ViewAverage.Probabilities, "prob"), (ViewAverage.Scores, "score") })
            {
                double[][] means = [.. rows.Chunk(views).Select(sample => Mean([.. sample.Select(row => ViewScores.Of(row, average))]))];
                foreach ((JsonElement expected, double[] found) in e.Cases(name).Zip(means))
                    cases.Near(expected.Reals(), found, Tolerance, () => e.Short());
                var scores = new ClipScores(means, new int[means.Length], means[0].Length);
                cases.Equal(e.Ints($"{name}_label"), Enumerable.Range(0, means.Length).Select(scores.Predicted), () => e.Short());
            }
        }
        return cases.Row();
    }

    private static double[] Mean(double[][] views) => [.. Enumerable.Range(0, views[0].Length).Select(c => views.Average(view => view[c]))];

    private static ClipScores Scores(JsonElement e)
    {
        double[][] rows = [.. e.Cases("scores").Select(row => row.Reals())];
        return new ClipScores(rows, e.Ints("labels"), rows[0].Length);
    }

    private static ParityRow Accuracy(JsonElement data)
    {
        var cases = new ParityCases("top-k and mean class accuracy");
        foreach (JsonElement e in data.Cases("accuracy"))
        {
            ClipScores scores = Scores(e);
            cases.Near(e.Reals("top_k"), e.Ints("k").Select(k => OfficialAccuracy.Top(scores, k)), Tolerance, () => e.Text("case"));
            cases.Near([e.GetProperty("mean_class").GetDouble()], [OfficialAccuracy.MeanClass(scores)], Tolerance, () => e.Text("case"));
            cases.Equal(e.Ints("predicted_for_mean_class"), Enumerable.Range(0, scores.Count).Select(scores.Predicted), () => e.Text("case"));
        }
        return cases.Row();
    }

    private static ParityRow OrderFree(JsonElement data)
    {
        var cases = new ParityCases("top-k where the order among equals is free");
        foreach (JsonElement e in data.Cases("accuracy_order_free"))
        {
            ClipScores scores = Scores(e);
            double[] official = [.. e.Ints("k").Select(k => OfficialAccuracy.Top(scores, k))];
            double[] strict = [.. e.Ints("k").Select(k => Enumerable.Range(0, scores.Count).Average(i => scores.IsAmongTop(i, k) ? 1.0 : 0.0))];
            cases.Near(e.Reals("higher_class_first"), official, Tolerance, () => e.Text("case"));
            // A tie as a miss is the least over all orders.
            cases.Near(e.Reals("least"), strict, Tolerance, () => e.Text("case"));
            cases.Near([e.GetProperty("mean_class").GetDouble()], [OfficialAccuracy.MeanClass(scores)], Tolerance, () => e.Text("case"));
        }
        return cases.Row();
    }

    private static ParityRow Confusion(JsonElement data)
    {
        var cases = new ParityCases("confusion");
        foreach (JsonElement e in data.Cases("confusion"))
        {
            ConfusionScale scale = e.Text("normalize") switch
            {
                "none" => ConfusionScale.None,
                "true" => ConfusionScale.Rows,
                "pred" => ConfusionScale.Columns,
                "all" => ConfusionScale.All,
                string other => throw new ParityException($"normalize is '{other}'; expected none, true, pred or all."),
            };
            (int[] classes, double[][] matrix) = OfficialAccuracy.Confusion(e.Ints("predicted"), e.Ints("real"), scale);
            cases.Equal(e.Ints("labels"), classes, () => e.Short());
            cases.Near(e.Cases("matrix").SelectMany(row => row.Reals()), matrix.SelectMany(row => row), Tolerance, () => e.Short());
        }
        return cases.Row();
    }
}
