namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            public static Tensor gelu(Tensor x, bool inplace) => gelu(x, Modules.GELU.Approximate.none, inplace);

            public static Tensor gelu(Tensor x, Modules.GELU.Approximate approximate, bool inplace = false) =>
                inplace ? Aten.gelu_inplace.InPlace(x, approximate.ToString()) : x.gelu(approximate);

            public static Tensor scaled_dot_product_attention(Tensor query, Tensor key, Tensor value, Tensor? attn_mask = null, double p = 0, bool is_casual = false)
            {
                if (p < 0)
                    throw new ArgumentException("Dropout probability must be greater than or equal to zero.");
                if (is_casual && attn_mask is not null)
                    throw new ArgumentException("Casual attention masking cannot pass a mask.");
                return Tensor.Result(
                    Native.lab_attention(query.Handle, key.Handle, value.Handle, attn_mask is null ? IntPtr.Zero : attn_mask.Handle, p, is_casual ? 1 : 0),
                    query, key, value, attn_mask);
            }

            public static Tensor normalize(Tensor input, double p = 2, long dim = 1, double eps = 1E-12)
            {
                using var norm = Aten.norm_ScalarOpt_dim.Call(input, p, new[] { dim }, true);
                using var bounded = norm.clamp_min(eps);
                return input.div(bounded);
            }

            public static Tensor pad(Tensor input, long[] pad, PaddingModes mode = PaddingModes.Constant, double value = 0) => mode switch
            {
                PaddingModes.Constant or PaddingModes.Zeros => Aten.constant_pad_nd.Call(input, pad, value),
                PaddingModes.Reflect when pad.Length == 4 => Aten.reflection_pad2d.Call(input, pad),
                PaddingModes.Replicate when pad.Length == 4 => Aten.replication_pad2d.Call(input, pad),
                _ => throw new NotSupportedException($"Padding with {mode} takes four numbers (left, right, top, bottom), found {pad.Length}.")
            };

            public static Tensor pad(Tensor input, (long, long) pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                functional.pad(input, [pad.Item1, pad.Item2], mode, value);

            public static Tensor pad(Tensor input, (long, long, long, long) pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                functional.pad(input, [pad.Item1, pad.Item2, pad.Item3, pad.Item4], mode, value);

            /// <summary>Resizes images [B, C, H, W].</summary>
            public static Tensor interpolate(Tensor x, long[]? size = null, double[]? scale_factor = null, InterpolationMode mode = InterpolationMode.Nearest,
                bool? align_corners = null, bool recompute_scale_factor = false, bool antialias = false)
            {
                if (x.Dimensions != 4)
                    throw new NotSupportedException($"interpolate takes images [B, C, H, W], found {x.Dimensions} dimensions.");
                if (size is null == scale_factor is null)
                    throw new ArgumentException("exactly one of size and scale_factor must be given");
                if (size is { Length: 1 })
                    size = [size[0], size[0]];
                if (scale_factor is { Length: 1 })
                    scale_factor = [scale_factor[0], scale_factor[0]];
                if (recompute_scale_factor && scale_factor is not null)
                {
                    var shape = x.shape;
                    size = [(long)Math.Floor(shape[2] * scale_factor[0]), (long)Math.Floor(shape[3] * scale_factor[1])];
                    scale_factor = null;
                }
                var corners = align_corners ?? false;
                return (mode, antialias) switch
                {
                    (InterpolationMode.Nearest, false) => Aten.upsample_nearest2d.Call(x, size, scale_factor),
                    (InterpolationMode.Bilinear, false) => Aten.upsample_bilinear2d.Call(x, size, corners, scale_factor),
                    (InterpolationMode.Bilinear, true) => Aten.upsample_bilinear2d_aa.Call(x, size, corners, scale_factor),
                    (InterpolationMode.Bicubic, false) => Aten.upsample_bicubic2d.Call(x, size, corners, scale_factor),
                    (InterpolationMode.Bicubic, true) => Aten.upsample_bicubic2d_aa.Call(x, size, corners, scale_factor),
                    _ => throw new NotSupportedException($"interpolate by {mode}{(antialias ? " with antialiasing" : "")} is not bound.")
                };
            }
        }

        public static partial class utils
        {
            public static Tensor parameters_to_vector(IEnumerable<Modules.Parameter> tensors)
            {
                using var scope = NewDisposeScope();
                return cat(tensors.Select(tensor => tensor.reshape(-1)).ToArray()).MoveToOuterDisposeScope();
            }
        }

        /// <summary>Fills tensors with first values; nothing is recorded.</summary>
        public static class init
        {
            public enum FanInOut { FanIn = 0, FanOut = 1 }

            public enum NonlinearityType
            {
                Linear = 0, Conv1D = 1, Conv2D = 2, Conv3D = 3, ConvTranspose1D = 4, ConvTranspose2D = 5, ConvTranspose3D = 6,
                Sigmoid = 7, Tanh = 8, ReLU = 9, LeakyReLU = 10
            }

            public static double calculate_gain(NonlinearityType nonlinearity, double param = 0) => nonlinearity switch
            {
                NonlinearityType.Tanh => 5.0 / 3,
                NonlinearityType.ReLU => Math.Sqrt(2),
                NonlinearityType.LeakyReLU => Math.Sqrt(2 / (1 + param * param)),
                _ => 1
            };

            public static Tensor constant_(Tensor tensor, Scalar val) => Unrecorded(() => tensor.fill_(val));

            public static Tensor zeros_(Tensor tensor) => constant_(tensor, 0);

            public static Tensor ones_(Tensor tensor) => constant_(tensor, 1);

            public static Tensor uniform_(Tensor tensor, double low = 0, double high = 1, Generator? generator = null) =>
                Unrecorded(() => tensor.uniform_(low, high, generator));

            public static Tensor normal_(Tensor tensor, double mean = 0, double std = 1, Generator? generator = null) =>
                Unrecorded(() => tensor.normal_(mean, std, generator));

            /// <summary>A normal distribution cut at a and b, by inverting its cumulative distribution.</summary>
            public static Tensor trunc_normal_(Tensor tensor, double mean = 0, double std = 1, double a = -2, double b = 2, Generator? generator = null) =>
                Unrecorded(() =>
                {
                    var low = Cumulative((a - mean) / std);
                    var high = Cumulative((b - mean) / std);
                    tensor.uniform_(2 * low - 1, 2 * high - 1, generator);
                    Aten.erfinv_inplace.InPlace(tensor);
                    return tensor.mul_(std * Math.Sqrt(2)).add_(mean).clamp_((Scalar)a, (Scalar)b);
                });

            public static Tensor xavier_uniform_(Tensor tensor, double gain = 1)
            {
                var (fanIn, fanOut) = Fans(tensor);
                var bound = gain * Math.Sqrt(6.0 / (fanIn + fanOut));
                return uniform_(tensor, -bound, bound);
            }

            public static Tensor xavier_normal_(Tensor tensor, double gain = 1)
            {
                var (fanIn, fanOut) = Fans(tensor);
                return normal_(tensor, 0, gain * Math.Sqrt(2.0 / (fanIn + fanOut)));
            }

            public static Tensor kaiming_uniform_(Tensor tensor, double a = 0, FanInOut mode = FanInOut.FanIn, NonlinearityType nonlinearity = NonlinearityType.LeakyReLU)
            {
                var bound = Math.Sqrt(3.0) * Spread(tensor, a, mode, nonlinearity);
                return uniform_(tensor, -bound, bound);
            }

            public static Tensor kaiming_normal_(Tensor tensor, double a = 0, FanInOut mode = FanInOut.FanIn, NonlinearityType nonlinearity = NonlinearityType.LeakyReLU) =>
                normal_(tensor, 0, Spread(tensor, a, mode, nonlinearity));

            private static double Spread(Tensor tensor, double a, FanInOut mode, NonlinearityType nonlinearity)
            {
                var (fanIn, fanOut) = Fans(tensor);
                return calculate_gain(nonlinearity, a) / Math.Sqrt(mode == FanInOut.FanIn ? fanIn : fanOut);
            }

            private static (long In, long Out) Fans(Tensor tensor)
            {
                var shape = tensor.shape;
                if (shape.Length < 2)
                    throw new ArgumentException("Fan in and fan out can not be computed for tensor with fewer than 2 dimensions");
                var field = shape.Skip(2).Aggregate(1L, (product, size) => product * size);
                return (shape[1] * field, shape[0] * field);
            }

            private static double Cumulative(double x)
            {
                using var point = torch.tensor(x / Math.Sqrt(2));
                using var value = point.erf();
                return (1 + value.ToDouble()) / 2;
            }

            private static Tensor Unrecorded(Func<Tensor> fill)
            {
                using var mode = no_grad();
                return fill();
            }
        }
    }
}
