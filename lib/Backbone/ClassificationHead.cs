using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace ZeroI2V.Lab.Backbone;

/// <summary>The official recogniser's head: mean over frames, dropout, linear layer.</summary>
public sealed class ClassificationHead : nn.Module<Tensor, Tensor>
{
    private readonly double _dropout;

    [ComponentName(Name = "fc_cls")]
    private readonly Linear _classifier;

    internal ClassificationHead(int width, int classes, double dropout)
        : base(nameof(ClassificationHead))
    {
        _dropout = dropout;
        _classifier = nn.Linear(width, classes);
        nn.init.normal_(_classifier.weight, std: 0.01);
        nn.init.zeros_(_classifier.bias!);
        RegisterComponents();
    }

    /// <summary>Classifies.</summary>
    /// <param name="features">Class features of the frames, (B, D, T).</param>
    /// <returns>Logits, (B, K).</returns>
    public override Tensor forward(Tensor features)
    {
        using var scope = NewDisposeScope();
        Tensor pooled = features.mean([2L]);
        if (training && _dropout > 0)
            pooled = dropout(pooled, _dropout, training: true);
        return linear(pooled, _classifier.weight, _classifier.bias).MoveToOuterDisposeScope();
    }
}
