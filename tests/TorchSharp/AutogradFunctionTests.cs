using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;
using ZeroI2V.Lab.Adapters;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Tests.Backbone;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Tests.TorchSharp;

/// <summary>Operations whose backward pass is C#.</summary>
public sealed class AutogradFunctionTests
{
    private static long Live => DisposeScopeManager.Statistics.ThreadTotalLiveCount;

    [Fact]
    public void A_square_has_twice_its_argument_as_derivative()
    {
        using var scope = NewDisposeScope();
        Tensor x = torch.tensor(new[] { 1.0, -2.0, 3.0 }).requires_grad_();
        Tensor y = Square.apply(x);
        Assert.True(y.requires_grad);
        Assert.False(y.is_leaf);
        Assert.Equal([1, 4, 9], y.data<double>().ToArray());
        y.backward([torch.tensor(new[] { 1.0, 1.0, 10.0 })]);
        Assert.Equal([2, -4, 60], x.grad!.data<double>().ToArray());
    }

    [Fact]
    public void Two_tensors_with_a_number_between_get_their_own_gradients()
    {
        using var scope = NewDisposeScope();
        Tensor a = torch.tensor(new[] { 1.0, 2.0 }).requires_grad_(), b = torch.tensor(new[] { 5.0, 7.0 }).requires_grad_();
        Tensor y = ScaledProduct.apply(a, 3.0, b);
        Assert.Equal([15, 42], y.data<double>().ToArray());
        y.sum().backward();
        Assert.Equal([15, 21], a.grad!.data<double>().ToArray());
        Assert.Equal([3, 6], b.grad!.data<double>().ToArray());
    }

    [Fact]
    public void Only_the_input_that_asked_gets_a_gradient()
    {
        using var scope = NewDisposeScope();
        Tensor a = torch.tensor(new[] { 1.0, 2.0 }), b = torch.tensor(new[] { 5.0, 7.0 }).requires_grad_();
        ScaledProduct.apply(a, 3.0, b).sum().backward();
        Assert.Null(a.grad);
        Assert.Equal([3, 6], b.grad!.data<double>().ToArray());
    }

    [Fact]
    public void Gradients_equal_central_differences_through_operations_around_it()
    {
        using var scope = NewDisposeScope();
        Tensor start = torch.tensor(new[] { 0.3, -0.8, 1.7, 0.9 }), weight = torch.tensor(new[] { 1.5, -2, 0.5, 3 });
        Tensor x = start.clone().requires_grad_();
        Function(x).backward();
        double[] analytic = x.grad!.data<double>().ToArray();
        const double step = 1e-6;
        for (int i = 0; i < analytic.Length; i++)
            Assert.Equal((At(i, step) - At(i, -step)) / (2 * step), analytic[i], 1e-7);

        Tensor Function(Tensor from) => (ScaledProduct.apply(Square.apply(from.sin()), 0.5, from) * weight).sum();

        double At(int place, double change)
        {
            using var inner = NewDisposeScope();
            Tensor moved = start.clone();
            moved.data<double>()[place] += change;
            return Function(moved).ToDouble();
        }
    }

    [Fact]
    public void A_saved_result_and_null_come_back_as_they_were()
    {
        using var scope = NewDisposeScope();
        Tensor x = torch.tensor(new[] { 0.0, 1.0 }).requires_grad_();
        Tensor y = Exponential.apply(x);
        y.sum().backward();
        Assert.Equal(y.data<double>().ToArray(), x.grad!.data<double>().ToArray());
    }

    [Fact]
    public void Without_gradients_or_an_input_that_has_one_nothing_is_recorded()
    {
        using var scope = NewDisposeScope();
        Tensor x = torch.ones(3, requires_grad: true);
        using (no_grad())
            Assert.False(Square.apply(x).requires_grad);
        using (inference_mode())
            Assert.False(Square.apply(x).requires_grad);
        Tensor plain = Square.apply(x.detach());
        Assert.False(plain.requires_grad);
        Assert.True(plain.is_leaf);
    }

    [Fact]
    public void Forward_runs_without_gradients_and_leaves_them_on()
    {
        using var scope = NewDisposeScope();
        Tensor x = torch.ones(3, requires_grad: true);
        Assert.False(Probe.GradientsIn(() => Probe.apply(x)));
        Assert.True(is_grad_enabled());
    }

    [Fact]
    public void A_graph_that_is_kept_is_used_twice()
    {
        using var scope = NewDisposeScope();
        Tensor x = torch.tensor(3.0, requires_grad: true);
        Tensor y = Square.apply(x);
        y.backward(retain_graph: true);
        y.backward();
        Assert.Equal(12, x.grad!.ToDouble());
    }

    [Fact]
    public void The_gradient_of_a_gradient_goes_through_both_passes()
    {
        using var scope = NewDisposeScope();
        Tensor x = torch.tensor(2.0, requires_grad: true);
        Tensor first = autograd.grad([Square.apply(x) * x], [x], retain_graph: true, create_graph: true)[0];
        Tensor second = autograd.grad([first], [x])[0];
        Assert.Equal(12, first.ToDouble());
        Assert.Equal(12, second.ToDouble());
    }

    [Fact]
    public void An_input_handed_back_is_a_result_of_its_own()
    {
        using var scope = NewDisposeScope();
        Tensor x = torch.tensor(new[] { 1.0, 2.0 }).requires_grad_();
        Tensor y = TenfoldGradient.apply(x);
        Assert.NotSame(x, y);
        Assert.True(x.is_leaf);
        Assert.False(y.is_leaf);
        (y * y).sum().backward();
        Assert.Equal([20, 40], x.grad!.data<double>().ToArray());
        using (no_grad())
            Assert.False(TenfoldGradient.apply(x).requires_grad);
        Assert.True(x.requires_grad);
    }

    [Fact]
    public void A_result_can_be_a_view_of_an_input()
    {
        using var scope = NewDisposeScope();
        Tensor x = torch.tensor(new[] { 1.0, 2.0, 3.0, 4.0 }).requires_grad_();
        (Folded.apply(x) * torch.tensor(new[] { 1.0, 10.0 })).sum().backward();
        Assert.Equal([1, 10, 1, 10], x.grad!.data<double>().ToArray());
    }

    [Fact]
    public void A_hundred_steps_leave_no_tensor()
    {
        using var outer = NewDisposeScope();
        Tensor x = torch.ones(8, requires_grad: true);
        Step();
        long before = Live;
        for (int i = 0; i < 100; i++)
            Step();
        Assert.Equal(before, Live);

        void Step()
        {
            using var scope = NewDisposeScope();
            ScaledProduct.apply(Square.apply(x), 2.0, x).sum().backward();
            Exponential.apply(x);
            using (no_grad())
                TenfoldGradient.apply(x);
        }
    }

    [Fact]
    public void Blocks_with_one_inside_give_the_same_gradients_with_activation_checkpoints()
    {
        using var scope = NewDisposeScope();
        using VideoRecognizer model = TinyModels.Filled(new VideoRecognizer(TinyModels.Recognizer));
        TrainableParameters.Freeze(model);
        foreach (ResidualBlock block in model.Backbone.Blocks)
            block.register_forward_hook((_, _, _, output) => Square.apply(output));
        Tensor clips = TinyModels.Clips();
        float[][] expected = Gradients(null);
        using var checkpoints = new ActivationCheckpoints(model);
        Assert.Equal(expected, Gradients(checkpoints));

        float[][] Gradients(ActivationCheckpoints? active)
        {
            model.zero_grad();
            model.call(clips).sum().backward();
            active?.Backward();
            return [.. model.parameters().Where(parameter => parameter.requires_grad).Select(parameter => parameter.grad!.data<float>().ToArray())];
        }
    }

    // ---- what the real package does otherwise: there an exception in a backward pass ends the process, what was saved lives as
    // long as the graph's nodes, and a backward pass's tensors belong to the caller's scope ------------------------------------

    [Fact]
    public void A_second_pass_through_a_graph_that_was_freed_is_refused()
    {
        SkipUnlessStandIn();
        using var scope = NewDisposeScope();
        Tensor x = torch.tensor(3.0, requires_grad: true);
        Tensor y = Square.apply(x);
        y.backward();
        Assert.Contains("second time", Assert.Throws<ExternalException>(() => y.backward()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_saved_tensor_that_was_changed_in_place_is_refused()
    {
        SkipUnlessStandIn();
        using var scope = NewDisposeScope();
        Tensor x = torch.ones(2, requires_grad: true);
        Tensor middle = x * 2;
        Tensor y = Square.apply(middle);
        middle.add_(1);
        Assert.Contains("inplace operation", Assert.Throws<ExternalException>(() => y.sum().backward()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_exception_in_backward_reaches_the_caller_as_it_is_and_leaves_nothing()
    {
        SkipUnlessStandIn();
        using var scope = NewDisposeScope();
        Tensor x = torch.ones(2, requires_grad: true);
        Tensor loss = Failing.apply(Square.apply(x)).sum();
        long before = Live;
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal("found 7", Assert.Throws<InvalidDataException>(() => loss.backward(retain_graph: true)).Message);
            Assert.Equal("found 7", Assert.Throws<InvalidDataException>(() => autograd.grad([loss], [x], retain_graph: true)).Message);
        }
        Assert.Equal(before, Live);
        Assert.Throws<ExternalException>(() => x.mm(x));
        Square.apply(x).sum().backward();
        Assert.Equal([2f, 2f], x.grad!.data<float>().ToArray());
    }

    [Fact]
    public void An_exception_in_a_backward_pass_inside_another_reaches_the_caller()
    {
        SkipUnlessStandIn();
        using var scope = NewDisposeScope();
        Tensor x = torch.ones(2, requires_grad: true);
        Assert.Equal("found 7", Assert.Throws<InvalidDataException>(() => Nested.apply(x).sum().backward()).Message);
    }

    [Theory]
    [InlineData(2, "expected 3 gradients", "found 2")]
    [InlineData(4, "expected 3 gradients", "found 4")]
    [InlineData(3, "argument 1", "must be null")]
    public void Gradients_that_do_not_fit_the_arguments_are_refused(int count, string expected, string found)
    {
        SkipUnlessStandIn();
        using var scope = NewDisposeScope();
        Tensor x = torch.ones(2, requires_grad: true);
        string message = Assert.Throws<InvalidOperationException>(() => Gradients.apply(x, count, x).sum().backward()).Message;
        Assert.Contains("Gradients.backward", message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.Contains(found, message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_saved_tensor_that_was_disposed_in_forward_is_refused()
    {
        SkipUnlessStandIn();
        using var scope = NewDisposeScope();
        Assert.Contains("saved tensor 0", Assert.Throws<InvalidOperationException>(() => LostTensor.apply(torch.ones(2, requires_grad: true))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_backward_pass_leaves_no_tensor_object()
    {
        SkipUnlessStandIn();
        using var scope = NewDisposeScope();
        Tensor x = torch.ones(8, requires_grad: true);
        Tensor y = ScaledProduct.apply(Square.apply(x), 2.0, x).sum();
        // The argument, two results, one tensor on the way to the second, and the sum.
        Assert.Equal(5, scope.DisposablesCount);
        y.backward();
        Assert.Equal(5, scope.DisposablesCount);
    }

    [Fact]
    public void What_a_call_kept_goes_with_its_graph()
    {
        SkipUnlessStandIn();
        using var scope = NewDisposeScope();
        Tensor x = torch.ones(2, requires_grad: true);
        (WeakReference kept, Tensor y) = Recorded(x);
        Collect();
        Assert.True(kept.IsAlive);
        y.Dispose();
        Collect();
        Assert.False(kept.IsAlive);
        using (no_grad())
            (kept, _) = Recorded(x);
        Collect();
        Assert.False(kept.IsAlive);

        static void Collect()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (WeakReference Kept, Tensor Result) Recorded(Tensor x)
    {
        object mark = new();
        return (new WeakReference(mark), Keeping.apply(x, mark));
    }

    private static void SkipUnlessStandIn() => Assert.SkipUnless(
        typeof(torch).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Any(data => data.Key == "LabStandIn"),
        "The real package does this otherwise.");

    private sealed class Square : autograd.SingleTensorFunction<Square>
    {
        public override string Name => nameof(Square);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            var x = (Tensor)vars[0];
            ctx.save_for_backward([x]);
            return x * x;
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => [grad_output * ctx.get_saved_variables()[0] * 2];
    }

    private sealed class ScaledProduct : autograd.SingleTensorFunction<ScaledProduct>
    {
        public override string Name => nameof(ScaledProduct);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            (var a, double scale, var b) = ((Tensor)vars[0], (double)vars[1], (Tensor)vars[2]);
            ctx.save_for_backward([a, b]);
            ctx.save_data("scale", scale);
            return a * scale * b;
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
        {
            List<Tensor> saved = ctx.get_saved_variables();
            Tensor scaled = grad_output * (double)ctx.get_data("scale");
            return [scaled * saved[1], null!, scaled * saved[0]];
        }
    }

    private sealed class Exponential : autograd.SingleTensorFunction<Exponential>
    {
        public override string Name => nameof(Exponential);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            Tensor y = ((Tensor)vars[0]).exp();
            ctx.save_for_backward([null!, y]);
            return y;
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
        {
            List<Tensor> saved = ctx.get_saved_variables();
            return saved[0] is null ? [grad_output * saved[1]] : [];
        }
    }

    private sealed class Probe : autograd.SingleTensorFunction<Probe>
    {
        [ThreadStatic] private static bool seen;

        public override string Name => nameof(Probe);

        internal static bool GradientsIn(Func<Tensor> run)
        {
            seen = true;
            run();
            return seen;
        }

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            seen = is_grad_enabled();
            return (Tensor)vars[0] * 1;
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => [grad_output];
    }

    private sealed class TenfoldGradient : autograd.SingleTensorFunction<TenfoldGradient>
    {
        public override string Name => nameof(TenfoldGradient);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars) => (Tensor)vars[0];

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => [grad_output * 10];
    }

    private sealed class Folded : autograd.SingleTensorFunction<Folded>
    {
        public override string Name => nameof(Folded);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars) => ((Tensor)vars[0]).view(2, 2);

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => [grad_output.reshape(4)];
    }

    private sealed class Failing : autograd.SingleTensorFunction<Failing>
    {
        public override string Name => nameof(Failing);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars) => (Tensor)vars[0] * 1;

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => throw new InvalidDataException($"found {(grad_output * 7)[0].ToInt32()}");
    }

    private sealed class Nested : autograd.SingleTensorFunction<Nested>
    {
        public override string Name => nameof(Nested);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars) => (Tensor)vars[0] * 1;

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
        {
            using (enable_grad())
            {
                Tensor x = torch.ones(1, requires_grad: true);
                Failing.apply(x).backward();
                return [x.grad!];
            }
        }
    }

    private sealed class Gradients : autograd.SingleTensorFunction<Gradients>
    {
        public override string Name => nameof(Gradients);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            ctx.save_data("count", vars[1]);
            return (Tensor)vars[0] * 1;
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => [.. Enumerable.Repeat(grad_output, (int)ctx.get_data("count"))];
    }

    private sealed class LostTensor : autograd.SingleTensorFunction<LostTensor>
    {
        public override string Name => nameof(LostTensor);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            using var scope = NewDisposeScope();
            Tensor twice = (Tensor)vars[0] * 2;
            ctx.save_for_backward([twice]);
            return (twice * 2).MoveToOuterDisposeScope();
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => [grad_output];
    }

    private sealed class Keeping : autograd.SingleTensorFunction<Keeping>
    {
        public override string Name => nameof(Keeping);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            ctx.save_data("mark", vars[1]);
            return (Tensor)vars[0] * 1;
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => [grad_output, null!];
    }
}
