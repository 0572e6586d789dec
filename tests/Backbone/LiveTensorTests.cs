using ZeroI2V.Lab.Adapters;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.GradCam;
using ZeroI2V.Lab.Reparameterization;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Tests.Backbone;

/// <summary>The count of live tensors belongs to the whole process, so these tests run while no other does.</summary>
[CollectionDefinition(nameof(LiveTensorTests), DisableParallelization = true)]
public sealed class AloneWithTensors;

[Collection(nameof(LiveTensorTests))]
public sealed class LiveTensorTests
{
    [Fact]
    public void A_forward_and_backward_pass_leaves_no_tensor_behind()
    {
        using var model = new VideoRecognizer(TinyModels.Recognizer);
        TrainableParameters.Freeze(model);
        Step(model);
        long before = Settled();
        for (int i = 0; i < 3; i++)
            Step(model);
        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public void Evaluation_leaves_only_its_result()
    {
        using var model = new VideoRecognizer(TinyModels.Recognizer);
        model.eval();
        using Tensor clips = Detached(() => TinyModels.Clips());
        using var frozen = no_grad();
        long before = Settled();
        using (Tensor logits = model.call(clips))
            Assert.Equal(before + 1, Tensor.TotalCount);
        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public void Errors_leave_no_tensor_behind()
    {
        using var model = new VideoRecognizer(TinyModels.Recognizer);
        using Tensor clips = Detached(() => TinyModels.Clips(frames: 4));
        using Tensor good = Detached(() => TinyModels.Clips());
        long before = Settled();
        Assert.Throws<ArgumentException>(() => model.call(clips));
        Assert.Equal(before, Tensor.TotalCount);
        using (new ForwardTap(model.Backbone, (_, block, _) => _ = block == 1 ? throw new InvalidDataException("in the middle") : 0))
            Assert.Throws<InvalidDataException>(() => model.call(good));
        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public void Models_and_their_folding_free_everything_with_them()
    {
        long before = Settled();
        using (var model = TinyModels.Filled(new VideoRecognizer(TinyModels.Recognizer)))
        {
            long alive = Tensor.TotalCount;
            using (Folding.Fold(model))
                Assert.True(Tensor.TotalCount > alive);
            Assert.Equal(alive, Tensor.TotalCount);
        }
        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public void Maps_leave_no_tensor_behind_on_success_or_error()
    {
        using var model = new VideoRecognizer(TinyModels.Recognizer);
        using Tensor clips = Detached(() => TinyModels.Clips());
        using Tensor wrong = Detached(() => TinyModels.Clips(frames: 4));
        var options = new CamOptions { Methods = CamMethod.Every, Layers = [0, 1], Scores = [CamScore.Predicted, CamScore.Difference(0, 1)] };
        ClassActivation.Explain(CamSubject.Of(model), clips, options);
        long before = Settled();
        for (int i = 0; i < 3; i++)
            ClassActivation.Explain(CamSubject.Of(model), clips, options);
        Assert.Equal(before, Tensor.TotalCount);
        Assert.Throws<ArgumentException>(() => ClassActivation.Explain(CamSubject.Of(model), wrong, options));
        Assert.Equal(before, Tensor.TotalCount);
        using (new ForwardTap(model.Backbone, (_, block, _) => _ = block == 1 ? throw new InvalidDataException("in the middle") : 0))
            Assert.Throws<InvalidDataException>(() => ClassActivation.Explain(CamSubject.Of(model), clips, options));
        Assert.Equal(before, Tensor.TotalCount);
    }

    private static void Step(VideoRecognizer model)
    {
        using var scope = NewDisposeScope();
        model.call(TinyModels.Clips()).sum().backward();
    }

    private static Tensor Detached(Func<Tensor> make)
    {
        using var scope = NewDisposeScope();
        return make().MoveToOuterDisposeScope();
    }

    /// <summary>The count once finalizers have freed what other tests dropped.</summary>
    private static long Settled()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return Tensor.TotalCount;
    }
}
