using TorchSharp.Utils;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace TorchSharp.Modules
{
    public interface IParameterLessModule { }

    public abstract class ParameterLessModule<T1, TResult> : nn.Module<T1, TResult>, IParameterLessModule
    {
        protected ParameterLessModule(string name) : base(name) { }
    }

    public sealed class Linear : nn.Module<Tensor, Tensor>
    {
        [ComponentName(Name = nameof(weight))]
        private Parameter _weight;
        [ComponentName(Name = nameof(bias))]
        private Parameter? _bias;

        internal Linear(Parameter weight, Parameter? bias) : base(nameof(Linear))
        {
            (out_features, in_features) = (weight.shape[0], weight.shape[1]);
            _weight = null!;
            this.weight = weight;
            this.bias = bias;
        }

        internal Linear(long inputs, long outputs, bool hasBias, Device? device, ScalarType? dtype) : base(nameof(Linear))
        {
            (in_features, out_features) = (inputs, outputs);
            _weight = null!;
            weight = empty(outputs, inputs, dtype, device).AsParameter();
            nn.init.kaiming_uniform_(weight, Math.Sqrt(5));
            if (!hasBias)
                return;
            bias = empty(outputs, dtype, device).AsParameter();
            var bound = inputs > 0 ? 1 / Math.Sqrt(inputs) : 0;
            nn.init.uniform_(bias!, -bound, bound);
        }

        public long in_features { get; set; }

        public long out_features { get; set; }

        public Parameter weight
        {
            get => _weight;
            set => Owned.Set(ref _weight!, value, () => ConditionallyRegisterParameter(nameof(weight), _weight));
        }

        public Parameter? bias
        {
            get => _bias;
            set => Owned.Set(ref _bias, value, () => ConditionallyRegisterParameter(nameof(bias), _bias));
        }

        public override Tensor forward(Tensor tensor) => F.linear(tensor, _weight, _bias);
    }

    public sealed class LayerNorm : nn.Module<Tensor, Tensor>
    {
        [ComponentName(Name = nameof(weight))]
        private Parameter? _weight;
        [ComponentName(Name = nameof(bias))]
        private Parameter? _bias;

        internal LayerNorm(long[] shape, double eps, bool affine, bool hasBias, Device? device, ScalarType? dtype) : base(nameof(LayerNorm))
        {
            (normalized_shape, this.eps, elementwise_affine) = (shape, eps, affine);
            if (!affine)
                return;
            weight = ones(shape, dtype, device).AsParameter();
            if (hasBias)
                bias = zeros(shape, dtype, device).AsParameter();
        }

        public long[] normalized_shape { get; set; }

        public double eps { get; set; }

        public bool elementwise_affine { get; set; }

        public Parameter? weight
        {
            get => _weight;
            set => Owned.Set(ref _weight, value, () => ConditionallyRegisterParameter(nameof(weight), _weight));
        }

        public Parameter? bias
        {
            get => _bias;
            set => Owned.Set(ref _bias, value, () => ConditionallyRegisterParameter(nameof(bias), _bias));
        }

        public override Tensor forward(Tensor tensor) => F.layer_norm(tensor, normalized_shape, _weight, _bias, eps);
    }

    public abstract class Convolution : nn.Module<Tensor, Tensor>
    {
        [ComponentName(Name = nameof(weight))]
        protected Parameter? _weight;
        [ComponentName(Name = nameof(bias))]
        protected Parameter? _bias;

        private protected Convolution(string name, long inputs, long outputs, long[] kernel, long[] stride, long[] padding, long[] dilation,
            long groups, bool hasBias, Device? device, ScalarType? dtype) : base(name)
        {
            (in_channels, out_channels, this.groups) = (inputs, outputs, groups);
            (kernel_size, this.stride, this.padding, this.dilation) = (kernel, stride, padding, dilation);
            weight = empty([outputs, inputs / groups, .. kernel], dtype, device).AsParameter();
            nn.init.kaiming_uniform_(weight!, Math.Sqrt(5));
            if (!hasBias)
                return;
            bias = empty(outputs, dtype, device).AsParameter();
            var bound = 1 / Math.Sqrt(inputs / groups * kernel.Aggregate(1L, (product, size) => product * size));
            nn.init.uniform_(bias!, -bound, bound);
        }

        public long in_channels { get; private set; }

        public long out_channels { get; private set; }

        public long groups { get; set; }

        public long[] kernel_size { get; set; }

        public long[] stride { get; set; }

        public long[] padding { get; private set; }

        public long[] dilation { get; set; }

        public Parameter? weight
        {
            get => _weight;
            set => Owned.Set(ref _weight, value, () => ConditionallyRegisterParameter(nameof(weight), _weight));
        }

        public Parameter? bias
        {
            get => _bias;
            set => Owned.Set(ref _bias, value, () => ConditionallyRegisterParameter(nameof(bias), _bias));
        }
    }

    public sealed class Conv2d : Convolution
    {
        internal Conv2d(long inputs, long outputs, long[] kernel, long[] stride, long[] padding, long[] dilation, long groups, bool hasBias,
            Device? device, ScalarType? dtype)
            : base(nameof(Conv2d), inputs, outputs, kernel, stride, padding, dilation, groups, hasBias, device, dtype) { }

        public override Tensor forward(Tensor input) => F.conv2d(input, _weight!, _bias, stride, padding, dilation, groups);
    }

    public sealed class Embedding : nn.Module<Tensor, Tensor>
    {
        [ComponentName(Name = nameof(weight))]
        private Parameter _weight = null!;

        internal Embedding(long count, long width, Device? device, ScalarType? dtype) : base(nameof(Embedding)) =>
            weight = nn.init.normal_(empty(count, width, dtype, device)).AsParameter();

        public Parameter weight
        {
            get => _weight;
            set => Owned.Set(ref _weight!, value, () => ConditionallyRegisterParameter(nameof(weight), _weight));
        }

        public override Tensor forward(Tensor input) => Aten.embedding.Call(_weight, input);
    }

    public sealed class Dropout : ParameterLessModule<Tensor, Tensor>
    {
        internal Dropout(double p, bool inplace) : base(nameof(Dropout)) => (this.p, this.inplace) = (p, inplace);

        public double p { get; set; }

        public bool inplace { get; set; }

        public override Tensor forward(Tensor tensor) => F.dropout(tensor, p, training, inplace);
    }

    public sealed class Identity : ParameterLessModule<Tensor, Tensor>
    {
        internal Identity() : base(nameof(Identity)) { }

        public override Tensor forward(Tensor tensor) => tensor.alias();
    }

    public sealed class GELU : ParameterLessModule<Tensor, Tensor>
    {
        public enum Approximate { none = 0, tanh = 1 }

        internal GELU(Approximate approximate, bool inplace) : base(nameof(GELU)) => (this.approximate, this.inplace) = (approximate, inplace);

        public Approximate approximate { get; set; }

        public bool inplace { get; set; }

        public override Tensor forward(Tensor tensor) => F.gelu(tensor, approximate, inplace);
    }

    public sealed class ReLU : ParameterLessModule<Tensor, Tensor>
    {
        internal ReLU(bool inplace) : base(nameof(ReLU)) => this.inplace = inplace;

        public bool inplace { get; set; }

        public override Tensor forward(Tensor tensor) => F.relu(tensor, inplace);
    }

    public sealed class SiLU : ParameterLessModule<Tensor, Tensor>
    {
        internal SiLU(bool inplace) : base(nameof(SiLU)) => this.inplace = inplace;

        public bool inplace { get; set; }

        public override Tensor forward(Tensor tensor) => F.silu(tensor, inplace);
    }

    public sealed class Flatten : ParameterLessModule<Tensor, Tensor>
    {
        internal Flatten(long start, long end) : base(nameof(Flatten)) => (start_dim, end_dim) = (start, end);

        public long start_dim { get; set; }

        public long end_dim { get; set; }

        public override Tensor forward(Tensor input) => input.flatten(start_dim, end_dim);
    }

    /// <summary>A module's own parameter: the old one goes when another comes, and no scope disposes it.</summary>
    internal static class Owned
    {
        internal static void Set(ref Parameter? field, Parameter? value, Action register)
        {
            if (ReferenceEquals(field, value) && value is not null)
                return;
            field?.Dispose();
            value?.DetachFromDisposeScope();
            field = value;
            register();
        }
    }
}

namespace TorchSharp
{
    using Modules;

    public static partial class torch
    {
        public static partial class nn
        {
            public enum Reduction { None = 0, Mean = 1, Sum = 2 }

            public static Linear Linear(long inputSize, long outputSize, bool hasBias = true, Device? device = null, ScalarType? dtype = null) =>
                new(inputSize, outputSize, hasBias, device, dtype);

            public static Linear Linear(Parameter weight, Parameter? bias = null) => new(weight, bias);

            public static LayerNorm LayerNorm(long[] normalized_shape, double eps = 1E-05, bool elementwise_affine = true, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(normalized_shape, eps, elementwise_affine, bias, device, dtype);

            public static LayerNorm LayerNorm(long normalized_shape, double eps = 1E-05, bool elementwise_affine = true, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new([normalized_shape], eps, elementwise_affine, bias, device, dtype);

            public static Conv2d Conv2d(long in_channels, long out_channels, long kernel_size, long stride = 1, long padding = 0, long dilation = 1,
                PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                Conv2d(in_channels, out_channels, (kernel_size, kernel_size), (stride, stride), (padding, padding), (dilation, dilation), padding_mode, groups, bias, device, dtype);

            public static Conv2d Conv2d(long in_channels, long out_channels, (long, long) kernel_size, (long, long)? stride = null, (long, long)? padding = null,
                (long, long)? dilation = null, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null)
            {
                if (padding_mode != PaddingModes.Zeros)
                    throw new NotSupportedException($"Conv2d pads with zeros only; pad the input yourself for {padding_mode}.");
                var ((kh, kw), (sh, sw), (ph, pw), (dh, dw)) = (kernel_size, stride ?? (1, 1), padding ?? (0, 0), dilation ?? (1, 1));
                return new Conv2d(in_channels, out_channels, [kh, kw], [sh, sw], [ph, pw], [dh, dw], groups, bias, device, dtype);
            }

            public static Embedding Embedding(long num_embeddings, long embedding_dims, Device? device = null, ScalarType? dtype = null) =>
                new(num_embeddings, embedding_dims, device, dtype);

            public static Dropout Dropout(double p = 0.5, bool inplace = false) => new(p, inplace);

            public static Identity Identity() => new();

            public static GELU GELU() => new(Modules.GELU.Approximate.none, false);

            public static GELU GELU(bool inplace) => new(Modules.GELU.Approximate.none, inplace);

            public static GELU GELU(GELU.Approximate approximate, bool inplace = false) => new(approximate, inplace);

            public static ReLU ReLU(bool inplace = false) => new(inplace);

            public static SiLU SiLU() => new(false);

            public static SiLU SiLU(bool inplace) => new(inplace);

            public static Flatten Flatten(long start_dim = 1, long end_dim = -1) => new(start_dim, end_dim);
        }
    }
}
