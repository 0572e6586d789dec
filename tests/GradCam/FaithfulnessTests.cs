using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.GradCam;
using ZeroI2V.Lab.Tests.Backbone;
using ZeroI2V.Lab.Tests.MicroWorld;
using ZeroI2V.Lab.Training;
using ZeroI2V.Lab.VideoData;
using ZeroI2V.Lab.VideoData.MicroWorld;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Tests.GradCam;

public sealed class FaithfulnessTests(QuickData data)
{
    private static readonly MicroObject s_what = new(default, default, default);

    private static ClipTruth Truth(params (float X, float Y, float Radius)[] frames) =>
        new("a.mp4", [new ObjectTrack(s_what, [.. frames.Select(f => f.X)], [.. frames.Select(f => f.Y)], [.. frames.Select(f => f.Radius)])]);

    [Fact]
    public void A_mask_says_how_much_of_each_patch_the_objects_cover()
    {
        // 8 pixels, patches of 4: a circle of radius 2 in the middle of the upper right patch; nothing to be seen in frame 1.
        ObjectMask mask = ObjectMask.Of(Truth((6, 2, 2), (6, 2, 0)), [0, 1], pixels: 8, side: 2);
        Assert.Equal([0, Math.PI / 4, 0, 0, 0, 0, 0, 0], mask.Cover.Select(cover => (double)cover), (a, b) => Math.Abs(a - b) < 0.03);
        Assert.Equal(mask.Cover.Average(), mask.Share, 1e-6);
        // A circle that goes out on the right comes in on the left, where the class does so.
        Assert.Equal(0, ObjectMask.Of(Truth((8, 4, 2)), [0], 8, 2).Cover[0]);
        Assert.Equal(0.19, ObjectMask.Of(Truth((8, 4, 2)), [0], 8, 2, wraps: true).Cover[0], 0.05);
        Assert.Contains("frame 1", Assert.Throws<CamException>(() => ObjectMask.Of(Truth((6, 2, 2)), [1], 8, 2)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pointing_counts_frames_whose_peak_is_on_an_object_and_the_energy_inside()
    {
        ObjectMask mask = ObjectMask.Of(Truth((6, 2, 3), (6, 2, 3), (6, 2, 0), (6, 2, 3)), [0, 1, 2, 3], 8, 2);
        // On it, beside it, no object to be seen, no evidence.
        var found = Pointing.Of(new CamMap([0, 3, 0, 1, 4, 0, 0, 0, 9, 0, 0, 0, -1, 0, 0, 0], 4, 2, 2), mask);
        Assert.Equal((1, 2, 0.5), (found.Hits, found.Frames, found.Accuracy));
        Assert.Equal(((3 * mask.Cover[1]) + (1 * mask.Cover[3]) + (4 * mask.Cover[0])) / 17, found.Energy, 1e-6);
        Assert.Equal(mask.Share, found.Chance, 1e-9);
        Assert.True(double.IsNaN(Pointing.Of(new CamMap(new float[16], 4, 2, 2), mask).Energy));
        var together = Pointing.Together([found, found with { Hits = 2, Energy = double.NaN }]);
        Assert.Equal((3, 4, found.Energy), (together.Hits, together.Frames, together.Energy));
        Assert.Throws<CamException>(() => Pointing.Of(new CamMap(new float[4], 1, 2, 2), mask));
    }

    [Fact]
    public void Deleting_what_matters_first_costs_the_class_at_once_and_deleting_it_last_does_not()
    {
        using var scope = NewDisposeScope();
        using VideoRecognizer model = PlantedModel.Make();
        using (no_grad())
            model.Head.parameters().First().mul_(20);
        Tensor clip = PlantedModel.Clip(frame: 1, row: 2, column: 3);
        CamMap map = ClassActivation.Explain(CamSubject.Of(model), clip, new CamOptions { Scores = [CamScore.Of(0)] })[0].Maps[0].Map(HeadGroup.All);
        var upside = new CamMap([.. map.Values.Select(value => -value)], map.Frames, map.Rows, map.Columns);
        var known = DeletionInsertion.Of(CamSubject.Of(model), clip, map, 0, steps: 16);
        var wrong = DeletionInsertion.Of(CamSubject.Of(model), clip, upside, 0, steps: 16);
        Assert.Equal(17, known.Shares.Count);
        Assert.Equal((0, 1), (known.Shares[0], known.Shares[^1]));
        // The whole clip and the empty one are where both curves begin and end.
        Assert.Equal(known.Deletion[0], known.Insertion[^1], 1e-5);
        Assert.Equal(known.Deletion[^1], known.Insertion[0], 1e-5);
        Assert.True(known.DeletionArea < wrong.DeletionArea - 0.1, $"{known.DeletionArea} {wrong.DeletionArea}");
        Assert.True(known.InsertionArea > wrong.InsertionArea + 0.1, $"{known.InsertionArea} {wrong.InsertionArea}");
        Assert.Contains("no class 7", Assert.Throws<CamException>(() => DeletionInsertion.Of(CamSubject.Of(model), clip, map, 7)).Message, StringComparison.Ordinal);
        Assert.Throws<CamException>(() => DeletionInsertion.Of(CamSubject.Of(model), clip.narrow(2, 0, 2), map, 0));
    }

    [Fact]
    public void Random_parameters_change_the_map_and_leave_the_model_alone()
    {
        using var scope = NewDisposeScope();
        using VideoRecognizer model = TinyModels.Filled(new VideoRecognizer(TinyModels.Recognizer));
        Tensor clip = TinyModels.Clips(batch: 1), before = model.call(clip).detach();
        var check = RandomizedParameters.Of(model, clip, new CamOptions { Methods = [CamMethod.HiResCam] }, HeadGroup.All);
        Assert.Equal(["as it is", "head", "block 1", "block 0"], check.Layers);
        Assert.Equal(1, check.Similarity[0], 1e-9);
        Assert.All(check.Similarity.Skip(1), similarity => Assert.InRange(similarity, -1, 0.95));
        Assert.Equal(check.Similarity, RandomizedParameters.Of(model, clip, new CamOptions { Methods = [CamMethod.HiResCam] }, HeadGroup.All).Similarity);
        Assert.Equal(0, TinyModels.Difference(before, model.call(clip).detach()));
    }

    [Fact]
    public void Rank_correlation_knows_order_and_ties()
    {
        Assert.Equal(1, RandomizedParameters.Rank([1, 2, 10], [0, 5, 6]), 1e-9);
        Assert.Equal(-1, RandomizedParameters.Rank([1, 2, 10], [3, 2, 1]), 1e-9);
        Assert.Equal(Math.Sqrt(0.75), RandomizedParameters.Rank([1, 1, 2], [1, 2, 3]), 1e-9);
        Assert.Equal(0, RandomizedParameters.Rank([1, 1, 1], [1, 2, 3]));
    }

    [Fact]
    public void A_study_has_a_row_for_each_group_and_one_that_knows_nothing()
    {
        using var scope = NewDisposeScope();
        using var model = new VideoRecognizer(TinyModels.Recognizer with { Classes = MicroSsv2.Classes.Count, Backbone = TinyModels.Vit with { Resolution = 16 } });
        MicroSplits splits = data.Clips;
        IReadOnlyList<ClipTruth> truth = MicroTruth.Read(MicroSsv2.TruthPath(data.Root, MicroSize.Quick, "test"));
        DecodedClips clips = DecodedClips.OnDemand(splits.Test, 16);
        int every = splits.Test.Clips.Count / 2;
        var told = new List<(int, int)>();
        var study = FaithfulnessStudy.Run(model, clips, truth, new FrameSampling { Frames = 3 }, CamMethod.GradCam, every, steps: 2, progress: new ImmediateProgress<(int Done, int Of)>(told.Add), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(["all", "spatial", "temporal", "offset-1", "offset+1", null], study.Rows.Select(row => row.Group?.Name));
        Assert.Equal((study.Clips, study.Clips), told[^1]);
        Assert.All(study.Rows, row => Assert.InRange(row.DeletionArea, 0, 1));
        Assert.InRange(study.Rows[^1].Pointing.Energy, 0.5 * study.Rows[^1].Pointing.Chance, 2 * study.Rows[^1].Pointing.Chance);
        Assert.Throws<CamException>(() => FaithfulnessStudy.Run(model, clips, [], new FrameSampling { Frames = 3 }, CamMethod.GradCam, every, cancellationToken: TestContext.Current.CancellationToken));
    }
}
