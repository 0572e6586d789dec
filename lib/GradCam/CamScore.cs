using System.Globalization;

namespace ZeroI2V.Lab.GradCam;

/// <summary>What a map explains: a class's logit, or one logit less another's, as for a movement and its time reversal.</summary>
public sealed record CamScore
{
    private CamScore(int? target, int? against) => (Class, Against) = (target, against);

    /// <summary>The class that the model finds likeliest, for each clip its own.</summary>
    public static CamScore Predicted { get; } = new(null, null);

    /// <summary>The class; null for the likeliest.</summary>
    public int? Class { get; }

    /// <summary>The class that is taken off; null for none.</summary>
    public int? Against { get; }

    /// <summary>A class's logit.</summary>
    /// <param name="target">The class, from 0.</param>
    public static CamScore Of(int target) => new(target, null);

    /// <summary>The difference of two logits: what speaks for the one and not for the other.</summary>
    /// <param name="target">The class, from 0.</param>
    /// <param name="against">The other class.</param>
    public static CamScore Difference(int target, int against) => target == against
        ? throw new CamException($"The difference of class {target} and itself is zero. Give two classes.")
        : new CamScore(target, against);

    /// <summary>The score with its class named, for one clip.</summary>
    internal CamScore For(ReadOnlySpan<float> logits)
    {
        if (Class is not null)
            return this;
        int best = 0;
        for (int c = 1; c < logits.Length; c++)
        {
            if (logits[c] > logits[best])
                best = c;
        }
        return Of(best);
    }

    /// <summary>Checks the classes.</summary>
    /// <exception cref="CamException">One is not there.</exception>
    internal void Validate(int classes)
    {
        foreach (int? target in (int?[])[Class, Against])
        {
            if (target < 0 || target >= classes)
                throw new CamException($"There is no class {target}; the model has {classes}, 0 to {classes - 1}.");
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Class is not { } target ? "predicted" : Against is { } against
        ? string.Create(CultureInfo.InvariantCulture, $"{target} − {against}")
        : string.Create(CultureInfo.InvariantCulture, $"{target}");
}
