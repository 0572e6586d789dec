using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Training;

/// <summary>Clipping of gradients by their joint norm, as <c>torch.nn.utils.clip_grad_norm_</c> does it; the norm stays on the device, so that a GPU is not waited for.</summary>
internal static class GradientClipping
{
    /// <summary>Scales all gradients so that their joint Euclidean norm is at most <paramref name="limit"/>.</summary>
    /// <param name="parameters">Parameters; those without a gradient are left out.</param>
    /// <param name="limit">The largest norm.</param>
    public static void Clip(IEnumerable<Parameter> parameters, double limit)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        Tensor[] gradients = [.. parameters.Select(parameter => parameter.grad).OfType<Tensor>()];
        if (gradients.Length == 0)
            return;
        Tensor scale = stack(gradients.Select(gradient => gradient.norm())).norm().add(1e-6).reciprocal().mul(limit).clamp(max: 1);
        foreach (Tensor gradient in gradients)
            gradient.mul_(scale);
    }
}
