using TorchSharp;
using TorchSharp.Modules;
using ZeroI2V.Lab.Adapters;
using ZeroI2V.Lab.Backbone;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Reparameterization;

/// <summary>
/// Structural reparameterisation, section 3.3 of the paper: each linear adapter is an affine map and is taken
/// in by the linear layer beside it. What is left is the image model with new numbers: its keys, its shapes,
/// not one parameter or operation more.
/// </summary>
/// <remarks>
/// A(x) = W_a·x + b_a with W_a = I + s·W₂W₁ and b_a = s·(W₂b₁ + b₂). For a linear layer (W, b):
/// <code>
/// adapter before it:  W' = W·W_a,  b' = W·b_a + b      (queries, keys and values; the MLP's first layer)
/// adapter after it:   W' = W_a·W,  b' = W_a·b + b_a    (output projection; the MLP's second layer)
/// separate adapters:  each of W_q, W_k, W_v takes in its own
/// LoRA:               W' = W + (α/r)·B·A               (queries, keys, values), before any adapter
/// </code>
/// Computed in double precision, so that only the last rounding to single precision remains.
/// </remarks>
public static class Folding
{
    /// <summary>Folds every adapter of a recogniser.</summary>
    /// <param name="recognizer">The model; it is not changed. Its adapters must be linear.</param>
    /// <returns>A new recogniser without adapters and with the same output in evaluation mode, on the same device; offsets,
    /// temporal embedding and head are kept.</returns>
    /// <exception cref="NotSupportedException">An option stands in the way; it is named (<see cref="RecognizerOptions.FoldingObstacles"/>).</exception>
    public static VideoRecognizer Fold(VideoRecognizer recognizer)
    {
        var folded = new VideoRecognizer(recognizer.Options.Folded()) { ImageNaming = recognizer.ImageNaming };
        try
        {
            using var scope = NewDisposeScope();
            using var frozen = no_grad();
            Device device = recognizer.parameters().First().device;
            folded.to(device);
            CopyCommon(recognizer, folded);
            foreach ((ResidualBlock source, ResidualBlock target) in recognizer.Backbone.Blocks.Zip(folded.Backbone.Blocks))
                FoldBlock(source, target);
            folded.train(recognizer.training);
            return folded;
        }
        catch
        {
            folded.Dispose();
            throw;
        }
    }

    /// <summary>An adapter as an affine map, in double precision.</summary>
    /// <param name="adapter">A linear adapter of width D.</param>
    /// <returns>W_a (D, D) and b_a (D).</returns>
    internal static (Tensor Weight, Tensor Bias) AffineMap(Adapter adapter)
    {
        using var scope = NewDisposeScope();
        Tensor down = Double(adapter.Down.weight), up = Double(adapter.Up.weight);
        Tensor identity = eye(up.shape[0], dtype: ScalarType.Float64, device: up.device);
        Tensor weight = identity.add(up.mm(down), alpha: adapter.Scale);
        Tensor bias = Times(up, Double(adapter.Down.bias!)).add(Double(adapter.Up.bias!)).mul(adapter.Scale);
        return (weight.MoveToOuterDisposeScope(), bias.MoveToOuterDisposeScope());
    }

    /// <summary>Parameters that both models have under one name are taken over; folding then replaces four of each block.</summary>
    private static void CopyCommon(VideoRecognizer source, VideoRecognizer target)
    {
        Dictionary<string, Parameter> parameters = source.named_parameters().ToDictionary(item => item.name, item => item.parameter);
        foreach ((string name, Parameter parameter) in target.named_parameters())
        {
            parameter.copy_(parameters[name]);
            parameter.requires_grad = parameters[name].requires_grad;
        }
    }

    private static void FoldBlock(ResidualBlock source, ResidualBlock target)
    {
        using var scope = NewDisposeScope();
        // An update stands behind the adapter, on the projection itself, so it comes first.
        foreach ((LowRankUpdate? update, Tensor weight) in source.Attention.Updates.Zip(target.Attention.InputWeight.chunk(3)))
            if (update is not null)
                weight.copy_(Double(weight).add(update.Weight()));
        Before(source.AdapterAt(AdapterPlaces.AttentionInput), target.Attention.InputWeight, target.Attention.InputBias);
        if (source.SeparateInputs is { } separate)
        {
            Tensor[] weights = target.Attention.InputWeight.chunk(3), biases = target.Attention.InputBias.chunk(3);
            for (int i = 0; i < separate.Count; i++)
                Before(separate[i], weights[i], biases[i]);
        }
        After(source.AdapterAt(AdapterPlaces.AttentionOutput), target.Attention.Output);
        Before(source.AdapterAt(AdapterPlaces.MlpInput), target.Mlp.Expand.weight, target.Mlp.Expand.bias!);
        After(source.AdapterAt(AdapterPlaces.MlpOutput), target.Mlp.Contract);
    }

    private static void Before(Adapter? adapter, Tensor weight, Tensor bias)
    {
        if (adapter is null)
            return;
        (Tensor adapterWeight, Tensor adapterBias) = AffineMap(adapter);
        Tensor w = Double(weight);
        bias.copy_(Times(w, adapterBias).add(Double(bias)));
        weight.copy_(w.mm(adapterWeight));
    }

    private static void After(Adapter? adapter, Linear layer)
    {
        if (adapter is null)
            return;
        (Tensor adapterWeight, Tensor adapterBias) = AffineMap(adapter);
        layer.bias!.copy_(Times(adapterWeight, Double(layer.bias)).add(adapterBias));
        layer.weight.copy_(adapterWeight.mm(Double(layer.weight)));
    }

    private static Tensor Double(Tensor parameter) => parameter.detach().to(ScalarType.Float64);

    /// <summary>Matrix times vector, (m, n)·(n) → (m).</summary>
    private static Tensor Times(Tensor matrix, Tensor vector) => matrix.mm(vector.unsqueeze(1)).squeeze(1);
}
