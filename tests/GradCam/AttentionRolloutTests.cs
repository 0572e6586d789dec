using ZeroI2V.Lab.GradCam;
using ZeroI2V.Lab.Stdha;
using ZeroI2V.Lab.Tests.Backbone;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Tests.GradCam;

public sealed class AttentionRolloutTests
{
    [Fact]
    public void Rollout_through_temporal_heads_follows_them_to_their_frames()
    {
        using var scope = NewDisposeScope();
        // Two tokens: the class token attends to the patch with 3/4 in head 0 (Δt −1) and 1/2 in head 1; the patch to itself.
        Tensor layer = tensor(new float[] { 0.25f, 0.75f, 0, 1, 0.5f, 0.5f, 0, 1 }).view(1, 2, 2, 2).expand(3, 2, 2, 2);
        Tensor asked = AttentionRollout.Follow([layer], [[-1, 0]], BorderRule.OwnFrame, HeadGroup.All, 3);
        Assert.Equal([1, 3, 3, 2], asked.shape);
        Numbers(asked[0, 2], [0, 0, 0.25 * 0.25, 0.25 * 0.75, 0.5 + (0.25 * 0.5), 0.25 * 0.5]);
        // The first frame has none before it: its head keeps to its own frame.
        Numbers(asked[0, 0], [0.5 + (0.25 * 0.75), 0.25 * 1.25, 0, 0, 0, 0]);

        Tensor temporal = AttentionRollout.Follow([layer], [[-1, 0]], BorderRule.OwnFrame, HeadGroup.Temporal, 3);
        Numbers(temporal[0, 2], [0, 0, 0.5 * 0.25, 0.5 * 0.75, 0.5, 0]);

        // Two layers: from frame 2 over frame 1 to frame 0.
        Tensor twice = AttentionRollout.Follow([layer, layer], [[-1, 0], [-1, 0]], BorderRule.OwnFrame, HeadGroup.Temporal, 3);
        Numbers(twice[0, 2].select(0, 0), [0.125 * 0.5 * 0.25, (0.125 * 0.5 * 0.75) + (0.375 * 0.5)]);

        // A layer without such heads is passed through.
        Assert.Equal(0, TinyModels.Difference(temporal, AttentionRollout.Follow([layer, layer], [[-1, 0], [0, 0]], BorderRule.OwnFrame, HeadGroup.Temporal, 3)));

        static void Numbers(Tensor found, double[] expected) => Assert.All(found.reshape(-1).data<float>().Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 1e-6));
    }

    [Fact]
    public void Rollout_shares_out_exactly_one_whatever_the_heads_look_at()
    {
        using var scope = NewDisposeScope();
        Tensor[] layers = [.. Enumerable.Range(0, 3).Select(seed => TinyModels.Numbers(seed, 2, 8, 4, 5, 5).softmax(-1))];
        int[][] offsets = [[-1, 1, 0, 0], [2, -3, 0, 0], [0, 0, 0, 1]];
        foreach (HeadGroup group in (HeadGroup[])[HeadGroup.All, HeadGroup.Temporal, HeadGroup.Spatial, HeadGroup.Head(3)])
        {
            foreach (BorderRule border in Enum.GetValues<BorderRule>())
            {
                Tensor asked = AttentionRollout.Follow(layers, offsets, border, group, 4);
                Assert.All(asked.sum(-1L).sum(-1L).reshape(-1).data<float>().ToArray(), share => Assert.Equal(1, share, 1e-5));
            }
        }
    }
}
