namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            public static Tensor linear(Tensor input, Tensor weights, Tensor? bias = null) => Aten.linear.Call(input, weights, bias);
            public static Tensor layer_norm(Tensor input, long[] normalized_shape, Tensor? weight = null, Tensor? bias = null, double eps = 1E-05) => Aten.layer_norm.Call(input, normalized_shape, weight, bias, eps);
            public static Tensor conv2d(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, long[]? padding = null, long[]? dilation = null, long groups = 1) => Aten.conv2d.Call(input, weight, bias, strides ?? [1, 1], padding ?? [0, 0], dilation ?? [1, 1], groups);
            public static Tensor gelu(Tensor x) => x.gelu();
            public static Tensor relu(Tensor x, bool inplace = false) => inplace ? x.relu_() : x.relu();
            public static Tensor silu(Tensor x, bool inplace = false) => inplace ? x.silu_() : x.silu();
            public static Tensor sigmoid(Tensor x) => x.sigmoid();
            public static Tensor tanh(Tensor x, bool inplace = false) => inplace ? x.tanh_() : x.tanh();
            public static Tensor softplus(Tensor x, double beta = 1, double threshold = 20) => Aten.softplus.Call(x, beta, threshold);
            public static Tensor softmax(Tensor input, long dim, ScalarType? dtype = null) => input.softmax(dim, dtype);
            public static Tensor log_softmax(Tensor x, long dim) => x.log_softmax(dim);
            public static Tensor dropout(Tensor input, double p = 0.5, bool training = true, bool inplace = false) => inplace ? Aten.dropout_inplace.InPlace(input, p, training) : Tensor.Result(Native.lab_dropout(input.Handle, p, training ? 1 : 0), input);
            public static Tensor cross_entropy(Tensor input, Tensor target, Tensor? weight = null, long ignore_index = -100, torch.nn.Reduction reduction = torch.nn.Reduction.Mean, double label_smoothing = 0) => Aten.cross_entropy_loss.Call(input, target, weight, (long)reduction, ignore_index, label_smoothing);
            public static Tensor nll_loss(Tensor input, Tensor target, Tensor? weight = null, torch.nn.Reduction reduction = torch.nn.Reduction.Mean) => Aten.nll_loss_nd.Call(input, target, weight, (long)reduction);
            public static Tensor binary_cross_entropy(Tensor input, Tensor target, Tensor? weight = null, torch.nn.Reduction reduction = torch.nn.Reduction.Mean) => Aten.binary_cross_entropy.Call(input, target, weight, (long)reduction);
            public static Tensor binary_cross_entropy_with_logits(Tensor input, Tensor target, Tensor? weight = null, torch.nn.Reduction reduction = torch.nn.Reduction.Mean, Tensor? pos_weights = null) => Aten.binary_cross_entropy_with_logits.Call(input, target, weight, pos_weights, (long)reduction);
            public static Tensor mse_loss(Tensor input, Tensor target, torch.nn.Reduction reduction = torch.nn.Reduction.Mean) => Aten.mse_loss.Call(input, target, (long)reduction);
            public static Tensor l1_loss(Tensor input, Tensor target, torch.nn.Reduction reduction = torch.nn.Reduction.Mean) => Aten.l1_loss.Call(input, target, (long)reduction);
            public static Tensor smooth_l1_loss(Tensor input, Tensor target, torch.nn.Reduction reduction = torch.nn.Reduction.Mean, double beta = 1) => Aten.smooth_l1_loss.Call(input, target, (long)reduction, beta);
            public static Tensor one_hot(Tensor x, long num_classes = -1) => Aten.one_hot.Call(x, num_classes);
            public static Tensor cosine_similarity(Tensor x1, Tensor x2, long dim = 1, double eps = 1E-08) => Aten.cosine_similarity.Call(x1, x2, dim, eps);
            public static Tensor adaptive_avg_pool2d(Tensor input, long[] output_size) => Aten.adaptive_avg_pool2d.Call(input, output_size);
            public static Tensor avg_pool2d(Tensor input, long[] kernel_size, long[]? stride = null, long[]? padding = null, bool ceil_mode = false, bool count_include_pad = true, long? divisor_override = null) => Aten.avg_pool2d.Call(input, kernel_size, stride ?? [], padding ?? [0, 0], ceil_mode, count_include_pad, divisor_override);
        }
    }
}
