namespace ZeroI2V.Lab.Evaluation;

/// <summary>What a part of a recogniser is, which decides whether it trains and whether the image model has it.</summary>
public enum CostRole
{
    /// <summary>The image model; it trains in full fine-tuning only.</summary>
    ImageModel,

    /// <summary>The image model's norm behind the blocks, which most recipes train.</summary>
    LastNorm,

    /// <summary>What the adaptation adds; it trains.</summary>
    Added,

    /// <summary>The classifier; it trains.</summary>
    Head,
}

/// <summary>A part of a recogniser and what it costs.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Role">Whose it is.</param>
/// <param name="Parameters">Its values.</param>
/// <param name="Flops">Its multiply-adds for one view.</param>
public sealed record CostPart(string Name, CostRole Role, long Parameters, long Flops);
