using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Tests.TorchSharp;

/// <summary>Who disposes a tensor, and that nothing is left behind. Counts are the thread's own, so other tests may run.</summary>
public sealed class LifetimeTests
{
    private static long Live => DisposeScopeManager.Statistics.ThreadTotalLiveCount;

    [Fact]
    public void A_scope_disposes_what_was_made_in_it()
    {
        var before = Live;
        Tensor inside;
        using (var scope = NewDisposeScope())
        {
            inside = torch.ones(2) + 1;
            Assert.Equal(2, scope.DisposablesCount);
            Assert.True(scope.Contains(inside));
        }
        Assert.True(inside.IsInvalid);
        Assert.Equal(before, Live);
    }

    [Fact]
    public void A_tensor_can_move_to_the_outer_scope()
    {
        var before = Live;
        using (var outer = NewDisposeScope())
        {
            Tensor kept;
            using (NewDisposeScope())
                kept = (torch.ones(2) + 1).MoveToOuterDisposeScope();
            Assert.False(kept.IsInvalid);
            Assert.Equal([2f, 2f], kept.data<float>().ToArray());
            Assert.Equal(1, outer.DisposablesCount);
        }
        Assert.Equal(before, Live);
    }

    [Fact]
    public void Out_of_the_outermost_scope_a_tensor_is_the_callers()
    {
        Tensor kept;
        using (NewDisposeScope())
            kept = torch.ones(2).MoveToOuterDisposeScope();
        Assert.False(kept.IsInvalid);
        kept.Dispose();
        Assert.True(kept.IsInvalid);
    }

    [Fact]
    public void A_detached_tensor_outlives_every_scope()
    {
        Tensor kept;
        using (NewDisposeScope())
        using (NewDisposeScope())
            kept = torch.ones(2).DetachFromDisposeScope();
        Assert.False(kept.IsInvalid);
        kept.Dispose();
    }

    [Fact]
    public void A_tensor_can_follow_another_or_be_attached()
    {
        using var outer = NewDisposeScope();
        var anchor = torch.ones(1);
        Tensor follower, free;
        using (NewDisposeScope())
        {
            follower = torch.ones(2).MoveToOtherDisposeScope(anchor);
            free = torch.ones(3).DetachFromDisposeScope();
        }
        Assert.False(follower.IsInvalid);
        Assert.False(outer.Contains(free));
        outer.Attach(free);
        Assert.True(outer.Contains(free));
        outer.DisposeEverythingBut(anchor);
        Assert.False(anchor.IsInvalid);
        Assert.True(follower.IsInvalid);
        Assert.True(free.IsInvalid);
    }

    [Fact]
    public void A_wrapped_computation_leaves_only_its_result()
    {
        var before = Live;
        var result = WrappedTensorDisposeScope(() => torch.ones(2) + 1 + 1);
        Assert.Equal(before + 1, Live);
        result.Dispose();
        Assert.Equal(before, Live);
    }

    [Fact]
    public void Scopes_belong_to_threads()
    {
        using var scope = NewDisposeScope();
        Tensor? made = null;
        DisposeScope? seen = scope;
        var thread = new Thread(() =>
        {
            seen = CurrentDisposeScope;
            made = torch.ones(2);
        });
        thread.Start();
        thread.Join();
        Assert.Null(seen);
        Assert.Same(scope, CurrentDisposeScope);
        Assert.False(scope.Contains(made!));
        made!.Dispose();
    }

    [Fact]
    public void A_disposed_tensor_refuses_work()
    {
        var x = torch.ones(2);
        x.Dispose();
        x.Dispose();
        Assert.Throws<InvalidOperationException>(() => x.shape);
        Assert.Throws<InvalidOperationException>(() => x + 1);
    }

    [Fact]
    public void Errors_say_what_libtorch_says_and_leave_nothing()
    {
        using var scope = NewDisposeScope();
        var (a, b) = (torch.ones(2, 3), torch.ones(2, 3));
        var before = scope.DisposablesCount;
        Assert.Contains("2x3", Assert.Throws<ExternalException>(() => a.mm(b)).Message, StringComparison.Ordinal);
        Assert.Contains("must match", Assert.Throws<ExternalException>(() => a + torch.ones(2, 4)).Message, StringComparison.Ordinal);
        Assert.Contains("invalid for input", Assert.Throws<ExternalException>(() => a.reshape(4, 2)).Message, StringComparison.Ordinal);
        Assert.Throws<ExternalException>(() => torch.cat([a, torch.ones(5)]));
        Assert.Throws<ExternalException>(() => a.sum(7L));
        // The two operands made above are all that is new.
        Assert.Equal(before + 2, scope.DisposablesCount);
    }

    [Fact]
    public void A_thousand_errors_leave_no_tensor()
    {
        var before = Live;
        using (NewDisposeScope())
        {
            var (a, b) = (torch.ones(64, 64), torch.ones(63, 64));
            for (var i = 0; i < 1000; i++)
                Assert.Throws<ExternalException>(() => a.mm(b));
        }
        Assert.Equal(before, Live);
    }

    [Fact]
    public void A_parameter_takes_its_tensor_over()
    {
        using var scope = NewDisposeScope();
        var data = torch.ones(2);
        var parameter = new global::TorchSharp.Modules.Parameter(data);
        Assert.True(data.IsInvalid);
        Assert.True(parameter.requires_grad);
        Assert.True(scope.Contains(parameter));
        Assert.Equal([1f, 1f], parameter.data<float>().ToArray());
    }

    [Fact]
    public void Modules_keep_their_parameters_when_a_scope_ends()
    {
        global::TorchSharp.Modules.Linear layer;
        using (NewDisposeScope())
            layer = nn.Linear(2, 3);
        Assert.False(layer.weight.IsInvalid);
        var weight = layer.weight;
        layer.Dispose();
        Assert.True(weight.IsInvalid);
    }
}
