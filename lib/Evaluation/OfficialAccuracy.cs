namespace ZeroI2V.Lab.Evaluation;

/// <summary>How a confusion matrix is scaled.</summary>
public enum ConfusionScale
{
    /// <summary>Numbers of clips.</summary>
    None,

    /// <summary>Shares of each real class.</summary>
    Rows,

    /// <summary>Shares of each predicted class.</summary>
    Columns,

    /// <summary>Shares of all clips.</summary>
    All,
}

/// <summary>Accuracies counted as the official code counts them, where that differs from <see cref="EvaluationResult"/>.</summary>
public static class OfficialAccuracy
{
    /// <summary>Share of clips whose class is among the k highest scores, ties by <see cref="TieRule.Official"/>; with k above the
    /// number of classes all clips count.</summary>
    public static double Top(ClipScores scores, int k)
    {
        ArgumentNullException.ThrowIfNull(scores);
        return Enumerable.Range(0, scores.Count).Average(i => scores.IsAmongTop(i, k, TieRule.Official) ? 1.0 : 0.0);
    }

    /// <summary>Mean of the classes' shares of right clips, over all classes that occur as a label or as a prediction; one that is
    /// only predicted counts as 0. The prediction is the lowest class number among the highest scores.</summary>
    public static double MeanClass(ClipScores scores)
    {
        ArgumentNullException.ThrowIfNull(scores);
        int[] labels = [.. Enumerable.Range(0, scores.Count).Select(scores.Label)], predicted = [.. Enumerable.Range(0, scores.Count).Select(scores.Predicted)];
        (int[] classes, double[][] matrix) = Confusion(predicted, labels, ConfusionScale.Rows);
        return classes.Index().Average(c => matrix[c.Index][c.Index]);
    }

    /// <summary>Real classes by predicted ones, over the classes that occur; 0/0 is 0.</summary>
    /// <returns>The classes in order, and a row for each.</returns>
    public static (int[] Classes, double[][] Matrix) Confusion(IReadOnlyList<int> predicted, IReadOnlyList<int> labels, ConfusionScale scale)
    {
        ArgumentNullException.ThrowIfNull(predicted);
        ArgumentNullException.ThrowIfNull(labels);
        if (predicted.Count != labels.Count)
            throw new ArgumentException($"There must be a prediction for each of the {labels.Count} labels; found {predicted.Count}.", nameof(predicted));
        int[] classes = [.. labels.Concat(predicted).Distinct().Order()];
        double[][] matrix = [.. classes.Select(_ => new double[classes.Length])];
        for (int i = 0; i < labels.Count; i++)
            matrix[Array.BinarySearch(classes, labels[i])][Array.BinarySearch(classes, predicted[i])]++;
        double[] rows = [.. matrix.Select(row => row.Sum())], columns = [.. classes.Index().Select(c => matrix.Sum(row => row[c.Index]))];
        for (int r = 0; r < classes.Length && scale != ConfusionScale.None; r++)
        {
            for (int c = 0; c < classes.Length; c++)
            {
                double whole = scale switch { ConfusionScale.Rows => rows[r], ConfusionScale.Columns => columns[c], _ => labels.Count };
                matrix[r][c] = whole > 0 ? matrix[r][c] / whole : 0;
            }
        }
        return (classes, matrix);
    }
}
