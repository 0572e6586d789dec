using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Tests.TorchSharp;

/// <summary>Optimisers against their formulas, groups, state, and a long training with flat memory.</summary>
public sealed class OptimizerTests
{
    [Theory]
    [InlineData(ScalarType.Float32, 2e-6, false)]
    [InlineData(ScalarType.Float64, 1e-12, false)]
    [InlineData(ScalarType.Float64, 1e-12, true)]
    public void AdamW_follows_its_formula(ScalarType type, double tolerance, bool amsgrad)
    {
        using var scope = NewDisposeScope();
        const double rate = 0.01, beta1 = 0.9, beta2 = 0.99, eps = 1e-6, decay = 0.1;
        double[] expected = [1, -2, 3];
        var parameter = new Parameter(torch.tensor(expected).to(type));
        using var optimizer = optim.AdamW([parameter], rate, beta1, beta2, eps, decay, amsgrad);
        double[] m = new double[3], v = new double[3], largest = new double[3];
        for (var step = 1; step <= 20; step++)
        {
            // f = sum of x^2 * step, so that the gradient is 2 x step.
            optimizer.zero_grad();
            (parameter * parameter * step).sum().backward();
            optimizer.step();
            for (var i = 0; i < 3; i++)
            {
                var gradient = 2 * expected[i] * step;
                expected[i] *= 1 - rate * decay;
                m[i] = beta1 * m[i] + (1 - beta1) * gradient;
                v[i] = beta2 * v[i] + (1 - beta2) * gradient * gradient;
                largest[i] = amsgrad ? Math.Max(largest[i], v[i]) : v[i];
                expected[i] -= rate * (m[i] / (1 - Math.Pow(beta1, step))) / (Math.Sqrt(largest[i] / (1 - Math.Pow(beta2, step))) + eps);
            }
        }
        Assert.Equal(expected, parameter.to(float64).data<double>().ToArray(), (a, b) => Math.Abs(a - b) < tolerance);
    }

    [Fact]
    public void AdamW_treats_a_strided_parameter_like_any_other()
    {
        using var scope = NewDisposeScope();
        var values = torch.randn(6, 5);
        var plain = new Parameter(values.clone());
        var strided = new Parameter(values.t().contiguous().t());
        using var first = optim.AdamW([plain], lr: 0.1, weight_decay: 0.05);
        using var second = optim.AdamW([strided], lr: 0.1, weight_decay: 0.05);
        for (var i = 0; i < 5; i++)
        {
            first.zero_grad();
            second.zero_grad();
            plain.pow(3).sum().backward();
            strided.pow(3).sum().backward();
            first.step();
            second.step();
        }
        Assert.True(plain.allclose(strided, 1e-5, 1e-6));
    }

    [Fact]
    public void Groups_have_their_own_rate_and_decay()
    {
        using var scope = NewDisposeScope();
        var (a, b) = (new Parameter(torch.ones(1)), new Parameter(torch.ones(1)));
        using var optimizer = new AdamW(
        [
            new AdamW.ParamGroup([a], lr: 0.1, weight_decay: 0.5),
            new AdamW.ParamGroup([b], lr: 0.2, weight_decay: 0),
        ]);
        var rates = optimizer.ParamGroups.ToArray();
        Assert.Equal([0.1, 0.2], rates.Select(group => group.LearningRate));
        // Without a gradient's direction only decay is left.
        a.grad = torch.zeros(1);
        b.grad = torch.zeros(1);
        optimizer.step();
        Assert.Equal(1 - 0.1 * 0.5, a.ToDouble(), 1e-6);
        Assert.Equal(1, b.ToDouble());
        rates[0].LearningRate = 0;
        optimizer.step();
        Assert.Equal(1 - 0.1 * 0.5, a.ToDouble(), 1e-6);
        Assert.Equal(2, optimizer.parameters().Count());
    }

    [Fact]
    public void Parameters_without_a_gradient_stay_as_they_are()
    {
        using var scope = NewDisposeScope();
        var (used, unused) = (new Parameter(torch.ones(1)), new Parameter(torch.ones(1)));
        using var optimizer = optim.AdamW([used, unused], weight_decay: 0.5);
        used.sum().backward();
        optimizer.step();
        Assert.NotEqual(1, used.ToDouble());
        Assert.Equal(1, unused.ToDouble());
        var states = optimizer.state_dict().State.Cast<AdamW.State>().ToArray();
        Assert.Equal([1L, 0L], states.Select(state => state.step));
    }

    [Fact]
    public void Training_resumes_exactly_from_a_copied_state()
    {
        using var scope = NewDisposeScope();
        var start = torch.randn(4, 3);
        var whole = new Parameter(start.clone());
        using var through = optim.AdamW([whole], lr: 0.05, weight_decay: 0.01);
        var half = new Parameter(start.clone());
        using var first = optim.AdamW([half], lr: 0.05, weight_decay: 0.01);
        for (var i = 0; i < 5; i++)
        {
            Step(whole, through);
            Step(half, first);
        }
        var resumed = new Parameter(half.detach().clone());
        using var second = optim.AdamW([resumed], lr: 0.9);
        second.load_state_dict(first.state_dict());
        Assert.Equal(0.05, second.ParamGroups.Single().LearningRate);
        for (var i = 0; i < 5; i++)
        {
            Step(whole, through);
            Step(resumed, second);
        }
        Assert.True(whole.equal(resumed).ToBoolean());
        Assert.True(second.state_dict().State[0].ApproximatelyEquals(through.state_dict().State[0]));

        static void Step(Parameter parameter, AdamW optimizer)
        {
            optimizer.zero_grad();
            parameter.sin().sum().backward();
            optimizer.step();
        }
    }

    [Fact]
    public void State_can_be_read_and_written_tensor_by_tensor()
    {
        using var scope = NewDisposeScope();
        var parameter = new Parameter(torch.ones(2));
        using var optimizer = optim.AdamW([parameter], lr: 0.1, beta1: 0.9);
        (parameter * 3).sum().backward();
        optimizer.step();
        var state = (AdamW.State)optimizer.state_dict().State.Single();
        Assert.Equal(1, state.step);
        Assert.Equal([0.3f, 0.3f], state.exp_avg.data<float>().ToArray(), (a, b) => Math.Abs(a - b) < 1e-6f);
        state.exp_avg.copy_(torch.zeros(2));
        state.step = 10;
        Assert.Equal([0f, 0f], ((AdamW.State)optimizer.state_dict().State.Single()).exp_avg.data<float>().ToArray());
    }

    [Theory]
    [InlineData(0, 0, false)]
    [InlineData(0.9, 0, false)]
    [InlineData(0.9, 0.1, true)]
    public void SGD_follows_its_formula(double momentum, double decay, bool nesterov)
    {
        using var scope = NewDisposeScope();
        var expected = 2.0;
        double? buffer = null;
        var parameter = new Parameter(torch.tensor(new[] { expected }));
        using var optimizer = optim.SGD([parameter], 0.1, momentum: momentum, weight_decay: decay, nesterov: nesterov);
        for (var i = 0; i < 5; i++)
        {
            optimizer.zero_grad();
            parameter.pow(2).sum().backward();
            optimizer.step();
            var gradient = 2 * expected + decay * expected;
            if (momentum != 0)
            {
                buffer = buffer is null ? gradient : momentum * buffer + gradient;
                gradient = nesterov ? gradient + momentum * buffer.Value : buffer.Value;
            }
            expected -= 0.1 * gradient;
        }
        Assert.Equal(expected, parameter.ToDouble(), 1e-12);
    }
}
