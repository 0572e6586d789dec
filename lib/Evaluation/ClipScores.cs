namespace ZeroI2V.Lab.Evaluation;

/// <summary>
/// The scores of test clips: one row a clip, one column a class. Where a clip was seen in several views,
/// the row is the mean of the views' probabilities.
/// </summary>
public sealed class ClipScores
{
    private readonly double[][] _scores;
    private readonly int[] _labels;

    /// <summary>Makes a table of scores.</summary>
    /// <param name="scores">One row a clip, K scores each; higher means likelier.</param>
    /// <param name="labels">The true class of each clip, in [0, K).</param>
    /// <param name="classes">K.</param>
    /// <exception cref="ArgumentException">A length differs, a label is out of range, or a score is not finite.</exception>
    public ClipScores(IReadOnlyList<double[]> scores, IReadOnlyList<int> labels, int classes)
    {
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentNullException.ThrowIfNull(labels);
        if (scores.Count != labels.Count)
            throw new ArgumentException($"There must be one label a clip ({scores.Count}); found {labels.Count}. Check the test list.", nameof(labels));
        if (scores.Count == 0)
            throw new ArgumentException("There must be at least 1 test clip; found none. Check the test list.", nameof(scores));
        for (int i = 0; i < scores.Count; i++)
        {
            if (scores[i].Length != classes)
                throw new ArgumentException($"Clip {i} must have {classes} scores, one a class; found {scores[i].Length}. Check the model's number of classes.", nameof(scores));
            if (labels[i] < 0 || labels[i] >= classes)
                throw new ArgumentException($"Clip {i} must have a label in [0, {classes}); found {labels[i]}. Check the test list.", nameof(labels));
            if (!scores[i].All(double.IsFinite))
                throw new ArgumentException($"Every score must be finite; found {scores[i].First(s => !double.IsFinite(s))} for clip {i}. The model's output is broken: lower the learning rate, or check its weights.", nameof(scores));
        }
        _scores = [.. scores];
        _labels = [.. labels];
        Classes = classes;
    }

    /// <summary>How many clips there are.</summary>
    public int Count => _labels.Length;

    /// <summary>How many classes there are (K).</summary>
    public int Classes { get; }

    /// <summary>The true class of a clip.</summary>
    /// <param name="clip">The clip's row.</param>
    /// <returns>The class.</returns>
    public int Label(int clip) => _labels[clip];

    /// <summary>One clip's scores.</summary>
    /// <param name="clip">The clip's row.</param>
    /// <returns>K scores.</returns>
    public ReadOnlySpan<double> Row(int clip) => _scores[clip];

    /// <summary>The class with the highest score; the first of them where several share it.</summary>
    /// <param name="clip">The clip's row.</param>
    /// <returns>The class.</returns>
    public int Predicted(int clip)
    {
        double[] row = _scores[clip];
        int best = 0;
        for (int c = 1; c < row.Length; c++)
        {
            if (row[c] > row[best])
                best = c;
        }
        return best;
    }

    /// <summary>
    /// Whether the true class is among the k highest scores. By default a tie counts against the model: a clip is right
    /// when fewer than k other classes score as high or higher, so that one who cannot tell classes apart
    /// gains nothing from the order in which they are listed.
    /// </summary>
    /// <param name="clip">The clip's row.</param>
    /// <param name="k">How many classes may be named.</param>
    /// <param name="ties">What equal scores are worth.</param>
    /// <returns>True when the true class is among them.</returns>
    public bool IsAmongTop(int clip, int k, TieRule ties = TieRule.Miss)
    {
        double[] row = _scores[clip];
        int label = _labels[clip];
        int before = 0;
        for (int c = 0; c < row.Length; c++)
        {
            if (row[c] > row[label] || (row[c] == row[label] && c != label && (ties == TieRule.Miss || c > label)))
                before++;
        }
        return before < k;
    }

    /// <summary>Whether the true class scores higher than one other class; a tie is a miss.</summary>
    /// <param name="clip">The clip's row.</param>
    /// <param name="other">The other class.</param>
    /// <returns>True when it does.</returns>
    public bool Beats(int clip, int other) => _scores[clip][_labels[clip]] > _scores[clip][other];
}
