using TorchSharp.Modules;
using ZeroI2V.Lab.Training;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Tests.Training;

public sealed class GradientClippingTests
{
    [Fact]
    public void Gradients_are_scaled_to_a_joint_norm_and_smaller_ones_left_as_they_are()
    {
        using var scope = NewDisposeScope();
        var (a, b, c) = (new Parameter(zeros(1)), new Parameter(zeros(2)), new Parameter(zeros(1)));
        a.grad = tensor(new[] { 3f });
        b.grad = tensor(new[] { 0f, 4f });
        GradientClipping.Clip([a, b, c], 5.1);
        Assert.Equal(3f, a.grad!.item<float>());
        Assert.Equal([0f, 4f], b.grad!.data<float>().ToArray());
        GradientClipping.Clip([a, b, c], 1);
        Assert.Equal(0.6, a.grad!.item<float>(), 1e-5);
        Assert.Equal(0.8, b.grad!.data<float>()[1], 1e-5);
        Assert.Null(c.grad);
        // Nothing has a gradient: nothing to do.
        GradientClipping.Clip([c], 1);
    }
}
