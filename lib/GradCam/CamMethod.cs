using ZeroI2V.Lab.Backbone;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.GradCam;

/// <summary>
/// How values and gradients at a place become maps. One template: a method says what it watches, and overrides one function,
/// from activation and gradient to what each head found at each patch. Frames are told apart throughout: nothing is averaged
/// or scaled across them.
/// </summary>
public abstract class CamMethod
{
    private protected CamMethod(string name, string title) => (Name, Title) = (name, title);

    /// <summary>Every method, the default first.</summary>
    public static IReadOnlyList<CamMethod> Every { get; } = [new GradCamMethod(), new GradCamPlusPlus(), new HiResCam(), new GradientAttention(), new AttentionRollout()];

    /// <summary>Grad-CAM.</summary>
    public static CamMethod GradCam => Every[0];

    /// <summary>Grad-CAM++.</summary>
    public static CamMethod GradCamPlusPlus => Every[1];

    /// <summary>HiRes-CAM.</summary>
    public static CamMethod HiResCam => Every[2];

    /// <summary>Gradient × attention.</summary>
    public static CamMethod GradientAttention => Every[3];

    /// <summary>Attention rollout with time.</summary>
    public static CamMethod AttentionRollout => Every[4];

    /// <summary>Its name in commands and files.</summary>
    public string Name { get; }

    /// <summary>Its name for people.</summary>
    public string Title { get; }

    /// <summary>Whether it needs a gradient, and so says something about a class.</summary>
    public virtual bool NeedsGradient => true;

    /// <summary>Whether it needs every layer up to the one that is asked for.</summary>
    internal virtual bool NeedsEveryLayer => false;

    /// <summary>The method of a name.</summary>
    /// <param name="name">Such as <c>gradcam</c>.</param>
    /// <exception cref="CamException">There is none.</exception>
    public static CamMethod Parse(string name) => Every.FirstOrDefault(method => method.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new CamException($"There is no method '{name}'; there are {string.Join(", ", Every.Select(method => method.Name))}.");

    /// <summary>The tensor that it watches when asked for a place.</summary>
    internal virtual BlockPoint Point(CamPlace place) => place.Point();

    /// <summary>Whether what it finds at a place lies in the frame that a head looks at.</summary>
    internal virtual bool IsLookedAt(CamPlace place) => place.IsLookedAt();

    /// <summary>From activation and gradient, of the shape of <see cref="Point"/>, to the heads' maps, (B·T, h, N − 1).</summary>
    internal abstract Tensor PerHead(Tensor activation, Tensor gradient, int heads);

    /// <inheritdoc/>
    public override string ToString() => Title;
}

/// <summary>Methods that weigh channels: the map is a sum over channels, so maps of disjoint channels add up.</summary>
public abstract class ChannelCam : CamMethod
{
    private protected ChannelCam(string name, string title)
        : base(name, title)
    {
    }

    /// <summary>What each channel adds to the map.</summary>
    /// <param name="activation">A, (B·T, N − 1, …) patches only.</param>
    /// <param name="gradient">G, the same.</param>
    /// <returns>The same shape.</returns>
    internal abstract Tensor Contributions(Tensor activation, Tensor gradient);

    /// <inheritdoc/>
    internal sealed override Tensor PerHead(Tensor activation, Tensor gradient, int heads)
    {
        using var scope = NewDisposeScope();
        return Contributions(Patches(activation, heads), Patches(gradient, heads)).sum(-1L).transpose(1, 2).MoveToOuterDisposeScope();
    }

    /// <summary>Tokens (B·T, N, D) or heads (B·T, h, N, d) to patches by head, (B·T, N − 1, h, d).</summary>
    private static Tensor Patches(Tensor x, int heads)
    {
        long[] s = x.shape;
        return s.Length == 3
            ? x.narrow(1, 1, s[1] - 1).unflatten(-1, heads, s[2] / heads)
            : x.narrow(2, 1, s[2] - 1).transpose(1, 2);
    }
}
