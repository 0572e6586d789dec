using static TorchSharp.torch;

namespace ZeroI2V.Lab.Backbone;

/// <summary>
/// In which numbers the blocks' matrix products are computed. Embeddings, norms, softmax, the sum that runs through the
/// blocks, and the head stay in 32-bit floats whichever it is.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Naming", "CA1720", Justification = "The names of libtorch's element types.")]
public enum Precision
{
    /// <summary>32-bit floats.</summary>
    Float32,

    /// <summary>16-bit floats with the range of 32-bit ones: CPUs with AVX512-BF16 or AMX, GPUs from Ampere on.</summary>
    BFloat16,

    /// <summary>IEEE's 16-bit floats, for GPUs; for inference only, since small gradients vanish in them.</summary>
    Float16,
}

/// <summary>Element types of precisions.</summary>
public static class PrecisionTypes
{
    /// <summary>The element type.</summary>
    /// <param name="precision">The precision.</param>
    public static ScalarType ElementType(this Precision precision) => precision switch
    {
        Precision.Float32 => ScalarType.Float32,
        Precision.BFloat16 => ScalarType.BFloat16,
        Precision.Float16 => ScalarType.Float16,
        _ => throw new ArgumentOutOfRangeException(nameof(precision), precision, "not a precision"),
    };
}
