using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Stdha;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.GradCam;

/// <summary>
/// Attention rollout (Abnar and Zuidema 2020) with time: attention is followed from the class token of each frame back through
/// the layers, half of it along the residual path; what a temporal head attends to lies in another frame. So it says where
/// a frame's class token looks, and in which frame. It knows of no class.
/// </summary>
/// <remarks>
/// R starts as one at the class token of frame s, and goes through the layers backwards,
/// R[s, t, n] ← ½ R[s, t, n] + ½ Σ R[s, t', q] · P[t', q, n] / g, over the g heads of the group and all t' and q with
/// t = t' + Δt. A layer without a head of the group is passed through. With all heads, R sums to one for each s.
/// </remarks>
public sealed class AttentionRollout : CamMethod
{
    internal AttentionRollout()
        : base("rollout", "attention rollout")
    {
    }

    /// <inheritdoc/>
    public override bool NeedsGradient => false;

    /// <inheritdoc/>
    internal override bool NeedsEveryLayer => true;

    /// <inheritdoc/>
    internal override BlockPoint Point(CamPlace place) => BlockPoint.Probabilities;

    /// <inheritdoc/>
    internal override bool IsLookedAt(CamPlace place) => true;

    /// <inheritdoc/>
    internal override Tensor PerHead(Tensor activation, Tensor gradient, int heads) => throw new NotSupportedException("Rollout is no sum over heads.");

    /// <summary>Follows the attention of one group of heads.</summary>
    /// <param name="probabilities">Attention of layers 0 to the last that is followed, (B·T, h, N, N) each.</param>
    /// <param name="offsets">Δt of the heads of each of these layers.</param>
    /// <param name="border">What a head uses outside the clip.</param>
    /// <param name="group">The heads.</param>
    /// <param name="frames">T.</param>
    /// <returns>(B, T asking, T looked at, N), class tokens included.</returns>
    internal static Tensor Follow(IReadOnlyList<Tensor> probabilities, IReadOnlyList<IReadOnlyList<int>> offsets, BorderRule border, HeadGroup group, int frames)
    {
        using var scope = NewDisposeScope();
        long clips = probabilities[0].shape[0] / frames, tokens = probabilities[0].shape[^1];
        Tensor asked = zeros([clips, frames, frames, tokens], device: probabilities[0].device);
        for (int t = 0; t < frames; t++)
            asked.select(1, t).select(1, t).select(1, 0).fill_(1);
        for (int layer = probabilities.Count - 1; layer >= 0; layer--)
        {
            int[] heads = group.Within(offsets[layer]);
            if (heads.Length == 0)
                continue;
            Tensor next = asked.mul(0.5);
            Tensor byFrame = asked.transpose(1, 2).reshape(clips * frames, frames, tokens); // (B·T', S, N)
            foreach (IGrouping<int, int> same in heads.GroupBy(head => offsets[layer][head]))
            {
                Tensor index = tensor(same.Select(head => (long)head).ToArray()).to(asked.device);
                Tensor attention = probabilities[layer].index_select(1, index).sum(1L); // (B·T', N, N)
                Tensor looked = byFrame.matmul(attention).view(clips, frames, frames, tokens).transpose(1, 2); // (B, S, T', N)
                Tensor sources = tensor(FrameRelocation.Sources(frames, same.Key, border).Select(source => (long)source).ToArray()).to(asked.device);
                next.index_add_(2, sources, looked, 0.5 / heads.Length);
            }
            asked = next;
        }
        return asked.MoveToOuterDisposeScope();
    }
}
