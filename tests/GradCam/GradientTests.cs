using TorchSharp;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Checkpoints;
using ZeroI2V.Lab.GradCam;
using ZeroI2V.Lab.Parity;
using ZeroI2V.Lab.Tests.Backbone;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Tests.GradCam;

public sealed class GradientTests
{
    [Theory]
    [InlineData(2, BlockPoint.Norm)]
    [InlineData(2, BlockPoint.AttentionInput)]
    [InlineData(2, BlockPoint.Values)]
    [InlineData(2, BlockPoint.Probabilities)]
    [InlineData(1, BlockPoint.HeadOutputs)]
    [InlineData(0, BlockPoint.Values)]
    public void Gradients_agree_with_finite_differences_on_the_open_vectors(int layer, BlockPoint point)
    {
        using var scope = NewDisposeScope();
        using var parity = new ParityFolder(Path.Combine(AppContext.BaseDirectory, "assets", "parity", "base_open"));
        using WeightSet weights = WeightFile.Read(parity.CheckpointPath);
        using var model = new VideoRecognizer(parity.Manifest.Recognizer!);
        model.Load(weights);
        // Twice the digits, for a difference of two scores loses half of them.
        model.to(ScalarType.Float64);
        model.eval();
        Tensor clips = parity["input"].to(ScalarType.Float64);
        CamSubject subject = CamSubject.Of(model);

        Tensor gradient;
        using (var recorder = new CamRecorder(model.Backbone, [(layer, point)]))
        {
            var pass = new CamPass(subject, recorder, CamPlace.HeadValues, [CamScore.Of(0), CamScore.Difference(2, 1)], (int)clips.shape[2]);
            pass.Backward(subject.Logits(clips.detach().requires_grad_()), [(layer, point)]);
            gradient = pass.Gradient((layer, point));
        }
        for (int seed = 0; seed < 2; seed++)
        {
            Tensor direction = TinyModels.Numbers(seed, 1, gradient.shape).to(ScalarType.Float64);
            const double Step = 1e-4;
            double difference = (Score(Step) - Score(-Step)) / (2 * Step), expected = gradient.mul(direction).sum().item<double>();
            Assert.True(Math.Abs(expected) > 1e-4);
            Assert.Equal(expected, difference, 1e-6 * Math.Abs(expected) + 1e-8);

            double Score(double step)
            {
                using var inner = NewDisposeScope();
                using var frozen = no_grad();
                using var tap = new BlockTap(model.Backbone, layer, (at, x) =>
                {
                    if (at == point)
                        x.add_(direction.mul(step));
                });
                Tensor logits = model.call(clips);
                return logits[0, 0].item<double>() + logits[1, 2].item<double>() - logits[1, 1].item<double>();
            }
        }
    }
}
