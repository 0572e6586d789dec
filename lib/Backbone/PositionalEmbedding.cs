using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace ZeroI2V.Lab.Backbone;

/// <summary>
/// Fits a positional embedding to another resolution: the patches' vectors are a square image of D channels and are resized
/// bicubically with antialiasing, as OpenCLIP and timm do; the class token's stays.
/// </summary>
internal static class PositionalEmbedding
{
    /// <summary>The embedding for another number of patches.</summary>
    /// <param name="positions">(1 + g², D), class token first, then patches row by row.</param>
    /// <param name="grid">Patches side by side that are wanted.</param>
    /// <returns>(1 + grid², D), 32-bit floats; the tensor itself where the number is the same.</returns>
    /// <exception cref="ArgumentException">The rows are no class token and a square of patches.</exception>
    internal static Tensor Resized(Tensor positions, int grid)
    {
        long[] s = positions.shape;
        long side = s.Length == 2 ? (long)Math.Round(Math.Sqrt(Math.Max(0, s[0] - 1))) : 0;
        if (side < 1 || side * side + 1 != s[0] || grid < 1)
            throw new ArgumentException($"A positional embedding of shape ({string.Join(", ", s)}) is no class token and a square of patches, so it cannot be resized to {grid} × {grid}. Use a file with the model's resolution.", nameof(positions));
        if (side == grid)
            return positions;
        using var scope = NewDisposeScope();
        Tensor[] parts = positions.to(ScalarType.Float32).split([1L, s[0] - 1], dim: 0);
        Tensor image = parts[1].view(1, side, side, s[1]).permute(0, 3, 1, 2); // (1, D, g, g)
        Tensor resized = interpolate(image, size: [grid, grid], mode: InterpolationMode.Bicubic, align_corners: false, antialias: true);
        return cat([parts[0], resized.permute(0, 2, 3, 1).reshape((long)grid * grid, s[1])]).MoveToOuterDisposeScope();
    }
}
