using System.Globalization;
using TorchSharp;

namespace ZeroI2V.Lab.Notebooks;

/// <summary>A tensor in one line: <c>[2, 3, 8] Float32 on cpu: min -1.02, mean 0.003, max 0.98</c>.</summary>
public static class TensorSummary
{
    /// <summary>Shape, type and device and, where there are values, their least, mean and greatest; values that are not finite are counted and left out of these.</summary>
    /// <param name="tensor">Any shape, type and device; not changed.</param>
    /// <returns>The line.</returns>
    public static string Of(torch.Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (tensor.IsInvalid)
            return "tensor, disposed of";
        string kind = $"[{string.Join(", ", tensor.shape)}] {tensor.dtype} on {tensor.device}";
        long count = tensor.numel();
        if (count == 0)
            return $"{kind}: empty";
        if (tensor.dtype is torch.ScalarType.ComplexFloat32 or torch.ScalarType.ComplexFloat64)
            return kind;

        using var scope = torch.NewDisposeScope();
        using IDisposable noGradients = torch.no_grad();
        torch.Tensor values = tensor.detach().to_type(torch.ScalarType.Float64).flatten();
        torch.Tensor finite = values.isfinite();
        long kept = finite.sum().item<long>();
        string others = kept == count ? "" : $", {count - kept} not finite";
        if (kept == 0)
            return $"{kind}: none finite";
        if (kept < count)
            values = values.masked_select(finite);
        return count == 1
            ? $"{kind}: {Number(values.mean())}"
            : $"{kind}: min {Number(values.min())}, mean {Number(values.mean())}, max {Number(values.max())}{others}";
    }

    private static string Number(torch.Tensor scalar) => scalar.item<double>().ToString("G4", CultureInfo.InvariantCulture);
}
