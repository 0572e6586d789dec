namespace ZeroI2V.Lab.Evaluation;

/// <summary>What of a clip's views is averaged.</summary>
public enum ViewAverage
{
    /// <summary>The softmax of each view (<c>average_clips='prob'</c>, every official configuration).</summary>
    Probabilities,

    /// <summary>The scores as they are (<c>average_clips='score'</c>).</summary>
    Scores,
}

/// <summary>The share that a view has in the mean of a clip.</summary>
public static class ViewScores
{
    /// <summary>What is averaged of one view, K numbers.</summary>
    /// <param name="logits">The model's output for the view, K numbers.</param>
    /// <param name="average">What is averaged.</param>
    public static double[] Of(ReadOnlySpan<float> logits, ViewAverage average)
    {
        var values = new double[logits.Length];
        double highest = double.NegativeInfinity, sum = 0;
        foreach (float logit in logits)
            highest = Math.Max(highest, logit);
        for (int c = 0; c < values.Length; c++)
        {
            values[c] = average == ViewAverage.Scores ? logits[c] : Math.Exp(logits[c] - highest);
            sum += values[c];
        }
        for (int c = 0; c < values.Length && average == ViewAverage.Probabilities; c++)
            values[c] /= sum;
        return values;
    }
}
