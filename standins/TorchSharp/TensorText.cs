using System.Globalization;
using System.Text;

namespace TorchSharp;

/// <summary>Tensors as text: what it is in one line, or its values in brackets.</summary>
internal static class TensorText
{
    private const long Ends = 3;

    internal static string Describe(torch.Tensor tensor) =>
        $"[{string.Join("x", tensor.shape)}], type = {tensor.dtype}, device = {tensor.device}";

    internal static string Write(torch.Tensor tensor, string format, CultureInfo? culture)
    {
        using var wide = tensor.detach();
        using var values = wide.to(torch.ScalarType.Float64, torch.CPU);
        using var flat = values.contiguous();
        var text = new StringBuilder();
        Append(text, flat.data<double>(), tensor.shape, 0, 0, format, culture ?? CultureInfo.InvariantCulture);
        return text.ToString();
    }

    private static void Append(StringBuilder text, Utils.TensorAccessor<double> values, long[] shape, int depth, long start,
        string format, CultureInfo culture)
    {
        if (depth == shape.Length)
        {
            text.Append(values[start].ToString(format, culture));
            return;
        }
        var step = 1L;
        for (var d = depth + 1; d < shape.Length; d++)
            step *= shape[d];
        text.Append('[');
        for (var i = 0L; i < shape[depth]; i++)
        {
            if (i > 0)
                text.Append(depth == shape.Length - 1 ? " " : "\n" + new string(' ', depth + 1));
            if (shape[depth] > 2 * Ends && i == Ends)
            {
                text.Append("...");
                i = shape[depth] - Ends - 1;
                continue;
            }
            Append(text, values, shape, depth + 1, start + i * step, format, culture);
        }
        text.Append(']');
    }
}
