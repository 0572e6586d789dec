namespace ZeroI2V.Lab.Adapters;

/// <summary>
/// AIM ("AIM: Adapting Image Models for Efficient Video Action Recognition", Yang et al., ICLR 2023; official code
/// taoyang1122/adapt-image-models): the frozen attention is used a second time, over the T tokens of one place, and
/// GELU adapters fit it to that, to space, and to both together. It costs a second attention in each block.
/// </summary>
public sealed record AimOptions
{
    /// <summary>Width of the adapters' bottleneck as a share of D.</summary>
    public double BottleneckRatio { get; init; } = 0.25;

    /// <summary>s of the adapter beside the MLP; the others have 1.</summary>
    public double Scale { get; init; } = 0.5;

    /// <summary>Whether there is an adapter before the attention over time too, as in the official configs for Something-Something V2.</summary>
    public bool TimeInput { get; init; }

    /// <summary>
    /// Stochastic depth of the last block in training; earlier blocks have less, the first none. It drops what attention
    /// over time and the adapter beside the MLP add.
    /// </summary>
    public double DropPath { get; init; } = 0.2;

    /// <summary>Checks the options against a backbone's width.</summary>
    /// <param name="width">D.</param>
    /// <exception cref="ArgumentException">A value is out of its range.</exception>
    public void Validate(int width)
    {
        Adapter(Scale).Validate(width);
        if (!(DropPath >= 0 && DropPath < 1))
            throw new ArgumentException($"AIM's {nameof(DropPath)} is {DropPath}; expected 0 or more and less than 1.");
    }

    /// <summary>Its adapters have GELU between their layers and no dropout.</summary>
    internal AdapterOptions Adapter(double scale = 1) => new() { BottleneckRatio = BottleneckRatio, Scale = scale, Activation = AdapterActivation.Gelu, Dropout = 0 };

    /// <summary>Stochastic depth of a block.</summary>
    internal double DropPathOf(int layer, int layers) => layers > 1 ? DropPath * layer / (layers - 1) : 0;
}
