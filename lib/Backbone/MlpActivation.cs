namespace ZeroI2V.Lab.Backbone;

/// <summary>What stands between the two layers of a block's MLP. Weights do not tell it.</summary>
public enum MlpActivation
{
    /// <summary>x·σ(1.702x): OpenAI's CLIP, ZeroI2V, AIM, ST-Adapter.</summary>
    QuickGelu,

    /// <summary>GELU by the error function: timm's ViTs and most of OpenCLIP's models.</summary>
    Gelu,
}
