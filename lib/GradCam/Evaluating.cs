using static TorchSharp.torch;

namespace ZeroI2V.Lab.GradCam;

/// <summary>A model in evaluation mode for as long as this lives, and then as it was.</summary>
internal sealed class Evaluating : IDisposable
{
    private readonly nn.Module _model;
    private readonly bool _training;

    internal Evaluating(nn.Module model)
    {
        _model = model;
        _training = model.training;
        model.eval();
    }

    /// <inheritdoc/>
    public void Dispose() => _model.train(_training);
}
