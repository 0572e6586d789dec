using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.GradCam;
using ZeroI2V.Lab.Reparameterization;
using ZeroI2V.Lab.Stdha;
using ZeroI2V.Lab.Tests.Backbone;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Tests.GradCam;

public sealed class ClassActivationTests
{
    private static readonly CamMethod[] WithGradient = [.. CamMethod.Every.Where(method => method.NeedsGradient)];

    public static TheoryData<string> MethodNames => [.. CamMethod.Every.Select(method => method.Name)];

    [Theory]
    [MemberData(nameof(MethodNames))]
    public void A_planted_signal_is_found_where_it_was_planted(string method)
    {
        using var scope = NewDisposeScope();
        using VideoRecognizer model = PlantedModel.Make();
        LayerMaps maps = Explain(CamSubject.Of(model), PlantedModel.Clip(frame: 1, row: 2, column: 3), new CamOptions { Methods = [CamMethod.Parse(method)], Scores = [CamScore.Of(0)] });
        foreach (HeadGroup group in (HeadGroup[])[HeadGroup.All, HeadGroup.Spatial, HeadGroup.Temporal])
            Assert.Equal((1, 2, 3), Peak(maps.Map(group)));
        // The head that looks back asked from the frame after.
        Assert.Equal((2, 2, 3), Peak(maps.Map(HeadGroup.Temporal, EvidenceFrame.Query)));
        Assert.Equal((1, 2, 3), Peak(maps.Map(HeadGroup.Spatial, EvidenceFrame.Query)));
        float[,] frames = maps.FrameToFrame(HeadGroup.Temporal);
        Assert.Equal((2, 1), Enumerable.Range(0, 16).Select(i => (i / 4, i % 4)).MaxBy(at => frames[at.Item1, at.Item2]));
        // Rollout shares out one from every frame, whatever is in it.
        if (maps.Origin.Method.NeedsGradient)
            Assert.Equal(1, maps.Map(HeadGroup.All).OverTime().Index().MaxBy(item => item.Item).Index);
    }

    [Fact]
    public void Maps_of_disjoint_groups_add_up()
    {
        using var scope = NewDisposeScope();
        using VideoRecognizer model = TinyModels.Filled(new VideoRecognizer(TinyModels.Recognizer));
        foreach (CamPlace place in Enum.GetValues<CamPlace>())
        {
            foreach (LayerMaps maps in ClassActivation.Explain(CamSubject.Of(model), TinyModels.Clips(), new CamOptions { Methods = WithGradient, Place = place }).SelectMany(clip => clip.Maps))
            {
                float[] all = maps.Map(HeadGroup.All).Values, spatial = maps.Map(HeadGroup.Spatial).Values, temporal = maps.Map(HeadGroup.Temporal).Values;
                float[] back = maps.Map(HeadGroup.Offset(-1)).Values, ahead = maps.Map(HeadGroup.Offset(1)).Values;
                Close(all, spatial.Zip(temporal, (a, b) => a + b));
                Close(temporal, back.Zip(ahead, (a, b) => a + b));
                Close(back, maps.Map(HeadGroup.Head(0)).Values);
                Assert.Contains(all, value => value != 0);
            }
        }
    }

    [Fact]
    public void In_the_last_block_value_times_gradient_is_what_the_head_gave_the_class_token()
    {
        using var scope = NewDisposeScope();
        using VideoRecognizer model = TinyModels.Filled(new VideoRecognizer(TinyModels.Recognizer));
        CamSubject subject = CamSubject.Of(model);
        int last = TinyModels.Vit.Layers - 1;
        using var recorder = new CamRecorder(model.Backbone, [(last, BlockPoint.Values), (last, BlockPoint.HeadOutputs), (last, BlockPoint.Probabilities)]);
        Tensor logits = subject.Logits(TinyModels.Clips().requires_grad_());
        var pass = new CamPass(subject, recorder, CamPlace.HeadValues, [CamScore.Of(1), CamScore.Of(2)], 3);
        pass.Backward(logits, [(last, BlockPoint.Values), (last, BlockPoint.HeadOutputs), (last, BlockPoint.Probabilities)]);

        Tensor Product(BlockPoint point) => recorder[(last, point)].detach().mul(pass.Gradient((last, point)));
        Tensor values = Product(BlockPoint.Values); // (B·T, h, N, d)
        Tensor outputs = Product(BlockPoint.HeadOutputs).unflatten(-1, 4, 6); // (B·T, N, h, d)
        Assert.True(TinyModels.Difference(values.sum(2L).sum(-1L), outputs.select(1, 0).sum(-1L)) < 1e-6);
        Assert.Equal(0, outputs.narrow(1, 1, 9).abs().max().item<float>());
        // So does attention × gradient, patch by patch, before anything is rectified.
        Assert.True(TinyModels.Difference(values.sum(-1L), Product(BlockPoint.Probabilities).sum(2L)) < 1e-6);
        Assert.True(values.abs().max().item<float>() > 1e-3);
    }

    [Fact]
    public void A_watched_block_computes_what_an_unwatched_one_does()
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        foreach (HeadSplit heads in (HeadSplit[])[HeadSplit.Spatial, HeadSplit.Lowest(-1, 1), HeadSplit.Lowest(2, 2, 2, 2), HeadSplit.Lowest(1, 0, -2) with { Border = BorderRule.Wrap }])
        {
            using VideoRecognizer model = TinyModels.Filled(new VideoRecognizer(TinyModels.Recognizer with { Heads = heads }));
            Tensor plain = model.call(TinyModels.Clips()), watched;
            var seen = new List<(int, BlockPoint)>();
            using (new BlockTap(model.Backbone, 0, (point, _) => seen.Add((0, point))))
            using (new BlockTap(model.Backbone, 1, (point, _) => seen.Add((1, point))))
                watched = model.call(TinyModels.Clips());
            Assert.True(TinyModels.Difference(plain, watched) < 1e-6);
            Assert.Equal([.. Enumerable.Range(0, 2).SelectMany(layer => Enum.GetValues<BlockPoint>().Select(point => (layer, point)))], seen);
            seen.Clear();
            using Tensor after = model.call(TinyModels.Clips());
            Assert.Empty(seen);
        }
    }

    [Fact]
    public void A_folded_model_has_equal_maps()
    {
        using var scope = NewDisposeScope();
        using VideoRecognizer model = TinyModels.Filled(new VideoRecognizer(TinyModels.Recognizer));
        using VideoRecognizer folded = Folding.Fold(model);
        foreach (CamPlace place in (CamPlace[])[CamPlace.HeadValues, CamPlace.Norm, CamPlace.HeadOutputs])
        {
            var options = new CamOptions { Methods = CamMethod.Every, Place = place, Layers = [0], Scores = [CamScore.Of(3)] };
            IReadOnlyList<LayerMaps> one = ClassActivation.Explain(CamSubject.Of(model), TinyModels.Clips(), options)[1].Maps;
            IReadOnlyList<LayerMaps> other = ClassActivation.Explain(CamSubject.Of(folded), TinyModels.Clips(), options)[1].Maps;
            foreach ((LayerMaps a, LayerMaps b) in one.Zip(other))
                Close(a.Map(HeadGroup.Temporal).Values, b.Map(HeadGroup.Temporal).Values);
        }
    }

    [Fact]
    public void The_difference_of_two_classes_has_the_difference_of_their_evidence()
    {
        using var scope = NewDisposeScope();
        using VideoRecognizer model = TinyModels.Filled(new VideoRecognizer(TinyModels.Recognizer));
        IReadOnlyList<LayerMaps> maps = ClassActivation.Explain(CamSubject.Of(model), TinyModels.Clips(), new CamOptions
        {
            Methods = [CamMethod.HiResCam],
            Scores = [CamScore.Of(0), CamScore.Of(4), CamScore.Difference(0, 4)],
        })[0].Maps;
        Close(maps[2].Map(HeadGroup.All).Values, maps[0].Map(HeadGroup.All).Values.Zip(maps[1].Map(HeadGroup.All).Values, (a, b) => a - b));
    }

    [Fact]
    public void Each_clip_of_a_batch_has_the_maps_that_it_has_alone_and_its_own_predicted_class()
    {
        using var scope = NewDisposeScope();
        using VideoRecognizer model = TinyModels.Filled(new VideoRecognizer(TinyModels.Recognizer));
        Tensor clips = TinyModels.Clips(seed: 5, batch: 3);
        IReadOnlyList<ClipMaps> together = ClassActivation.Explain(CamSubject.Of(model), clips, new CamOptions());
        for (int clip = 0; clip < 3; clip++)
        {
            ClipMaps alone = ClassActivation.Explain(CamSubject.Of(model), clips.narrow(0, clip, 1), new CamOptions())[0];
            Assert.Equal(alone.Predicted, together[clip].Predicted);
            Assert.Equal(CamScore.Of(alone.Predicted), together[clip].Maps[0].Origin.Score);
            Close(alone.Maps[0].Map(HeadGroup.All).Values, together[clip].Maps[0].Map(HeadGroup.All).Values);
        }
    }

    [Fact]
    public void The_image_model_sees_each_frame_by_itself()
    {
        using var scope = NewDisposeScope();
        using VisionTransformer model = TinyModels.Filled(new VisionTransformer(TinyModels.Vit));
        Tensor clips = TinyModels.Clips(batch: 1), directions = TinyModels.Numbers(3, 1, 4, TinyModels.Vit.Width);
        foreach (CamSubject subject in (CamSubject[])[CamSubject.FrameByFrame(model), CamSubject.FrameByFrame(model, directions)])
        {
            LayerMaps maps = Explain(subject, clips, new CamOptions { Scores = [CamScore.Of(0)] });
            for (int t = 0; t < 3; t++)
            {
                // A clip's score is the mean of its frames', so a frame alone has three times the gradient.
                CamMap alone = Explain(subject, clips.narrow(2, t, 1), new CamOptions { Scores = [CamScore.Of(0)] }).Map(HeadGroup.All);
                Close(alone.Values, maps.Map(HeadGroup.All).Frame(t).ToArray().Select(value => 3 * value));
            }
        }
        Assert.Contains("(K, 24)", Assert.Throws<CamException>(() => CamSubject.FrameByFrame(model, directions.narrow(1, 0, 20))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_model_is_left_as_it_was()
    {
        using var scope = NewDisposeScope();
        using VideoRecognizer model = TinyModels.Filled(new VideoRecognizer(TinyModels.Recognizer));
        Tensor before = model.call(TinyModels.Clips()).detach();
        model.train();
        model.parameters().First().requires_grad = false;
        ClassActivation.Explain(CamSubject.Of(model), TinyModels.Clips(), new CamOptions { Methods = CamMethod.Every });
        Assert.True(model.training);
        Assert.All(model.parameters(), parameter => Assert.Null(parameter.grad));
        Assert.Equal([false, .. Enumerable.Repeat(true, model.parameters().Count() - 1)], model.parameters().Select(parameter => parameter.requires_grad));
        model.eval();
        Assert.Equal(0, TinyModels.Difference(before, model.call(TinyModels.Clips()).detach()));
    }

    [Fact]
    public void What_is_not_there_is_named_with_what_is()
    {
        using var scope = NewDisposeScope();
        using VideoRecognizer model = TinyModels.Filled(new VideoRecognizer(TinyModels.Recognizer with { Heads = HeadSplit.Spatial }));
        CamSubject subject = CamSubject.Of(model);
        Refused(new CamOptions { Scores = [CamScore.Of(5)] }, "no class 5; the model has 5, 0 to 4");
        Refused(new CamOptions { Scores = [CamScore.Difference(1, -1)] }, "no class -1");
        Refused(new CamOptions { Layers = [2] }, "no layer 2; the model has 2, 0 to 1");
        Refused(new CamOptions { Layers = [1], Place = CamPlace.HeadOutputs }, "every map is zero");
        Refused(new CamOptions { Methods = [] }, "at least one");
        LayerMaps maps = Explain(subject, TinyModels.Clips(), new CamOptions { Place = CamPlace.HeadOutputs });
        Assert.Equal(0, maps.Origin.Layer);
        Says("no temporal heads", () => maps.Map(HeadGroup.Temporal));
        Says("no heads of Δt −1", () => maps.FrameToFrame(HeadGroup.Offset(-1)));
        Says("head0 to head3", () => maps.Map(HeadGroup.Head(4)));
        Says("itself", () => CamScore.Difference(2, 2));
        Says("no head group 'both'", () => HeadGroup.Parse("both"));
        Says("no method 'cam'", () => CamMethod.Parse("cam"));
        LayerMaps rollout = Explain(subject, TinyModels.Clips(), new CamOptions { Methods = [CamMethod.AttentionRollout] });
        Says("no temporal heads", () => rollout.Map(HeadGroup.Temporal));
        Assert.Throws<ArgumentException>(() => ClassActivation.Explain(subject, zeros(1, 3, 12, 12), new CamOptions()));

        void Refused(CamOptions options, string expected) => Says(expected, () => ClassActivation.Explain(subject, TinyModels.Clips(), options));

        static void Says(string expected, Func<object> action) => Assert.Contains(expected, Assert.Throws<CamException>(action).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Offsets_of_channel_ranges_are_taken_where_they_are_of_whole_heads_and_refused_where_heads_mix_frames()
    {
        using var scope = NewDisposeScope();
        var expected = Maps(HeadSplit.Lowest(-1, 1)).Map(HeadGroup.Temporal).Values;
        Close(expected, Maps(HeadSplit.ChannelRanges(6, -1, 1)).Map(HeadGroup.Temporal).Values);
        Assert.Contains("Heads of layer 1 mix", Assert.Throws<CamException>(() => Maps(HeadSplit.ChannelRanges(3, -1, 1))).Message, StringComparison.Ordinal);
        Assert.Contains("class token", Assert.Throws<CamException>(() => Maps(HeadSplit.TokenShift(0, -1, 1))).Message, StringComparison.Ordinal);

        static LayerMaps Maps(HeadSplit heads)
        {
            using VideoRecognizer model = TinyModels.Filled(new VideoRecognizer(TinyModels.Recognizer with { Heads = heads }));
            return Explain(CamSubject.Of(model), TinyModels.Clips(), new CamOptions());
        }
    }

    [Fact]
    public void Groups_have_names_that_can_be_read_back()
    {
        int[] offsets = [-1, 1, -2, 0];
        HeadGroup[] groups = [.. HeadGroup.Of(offsets), HeadGroup.Head(3)];
        Assert.Equal(["all", "spatial", "temporal", "offset-2", "offset-1", "offset+1", "head3"], groups.Select(group => group.Name));
        Assert.All(groups, group => Assert.Equal(group, HeadGroup.Parse(group.Name)));
        Assert.Equal([0, 1, 2], HeadGroup.Temporal.In(offsets));
        Assert.Equal([HeadGroup.All], HeadGroup.Of([0, 0]));
        Assert.Equal(["all", "temporal", "offset+1"], HeadGroup.Of([1, 1]).Select(group => group.Name));
    }

    private static LayerMaps Explain(CamSubject subject, Tensor clips, CamOptions options) => ClassActivation.Explain(subject, clips, options)[0].Maps[0];

    private static (int Frame, int Row, int Column) Peak(CamMap map)
    {
        int at = map.Values.Index().MaxBy(item => item.Item).Index;
        return (at / map.Patches, at % map.Patches / map.Columns, at % map.Columns);
    }

    private static void Close(IEnumerable<float> expected, IEnumerable<float> found)
    {
        float[] a = [.. expected], b = [.. found];
        Assert.Equal(a.Length, b.Length);
        double largest = a.Max(Math.Abs);
        Assert.All(a.Zip(b), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, 1e-6 + 1e-4 * largest));
    }
}
