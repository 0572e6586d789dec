using TorchSharp.Modules;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Stdha;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Tests.GradCam;

/// <summary>
/// A recogniser of one block whose weights are set by hand: class tokens attend to red patches, take one value from them, and
/// class 0 reads that value. Everything else is blue, since norms make nothing of how bright a patch is. Head 0 looks one frame back, head 1 at its own frame.
/// </summary>
internal static class PlantedModel
{
    internal const int Frames = 4, Patch = 2, Side = 4;

    private const int Width = 8, Red = 0, ClassMark = 1, Found = 2, Blue = 3;

    internal static readonly RecognizerOptions Options = new()
    {
        Backbone = new VitOptions { Width = Width, Layers = 1, Heads = 2, PatchSize = Patch, Resolution = Patch * Side },
        Frames = Frames,
        Classes = 2,
        Heads = HeadSplit.Lowest(-1),
        Adapters = null,
        TemporalEmbedding = false,
    };

    internal static VideoRecognizer Make()
    {
        var model = new VideoRecognizer(Options);
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        foreach ((string name, Parameter parameter) in model.named_parameters())
        {
            if (!name.Contains("ln_", StringComparison.Ordinal))
                parameter.fill_(0);
            Set(name, parameter);
        }
        return model;
    }

    /// <summary>One clip, blue but for a red patch in one frame, (1, 3, T, H, W).</summary>
    internal static Tensor Clip(int frame, int row, int column)
    {
        using var scope = NewDisposeScope();
        Tensor clip = zeros([1, 3, Frames, Patch * Side, Patch * Side]);
        clip.select(1, 2).fill_(1);
        Tensor planted = clip.select(2, frame).narrow(2, row * Patch, Patch).narrow(3, column * Patch, Patch);
        planted.select(1, 0).fill_(1);
        planted.select(1, 2).fill_(0);
        return clip.MoveToOuterDisposeScope();
    }

    private static void Set(string name, Parameter parameter)
    {
        switch (name)
        {
            case "backbone.conv1.weight":
                parameter.select(0, Red).select(0, 0).fill_(1);
                parameter.select(0, Blue).select(0, 2).fill_(1);
                break;
            case "backbone.class_embedding":
                parameter.narrow(0, ClassMark, 1).fill_(1);
                break;
            case "backbone.transformer.resblocks.0.attn.in_proj_weight":
                // For each head of four channels: query from the class mark, key and value from the red.
                foreach (int head in (int[])[0, 4])
                {
                    parameter.select(0, head).narrow(0, ClassMark, 1).fill_(1);
                    parameter.select(0, Width + head).narrow(0, Red, 1).fill_(1);
                    parameter.select(0, 2 * Width + head).narrow(0, Red, 1).fill_(1);
                }
                break;
            case "backbone.transformer.resblocks.0.attn.out_proj.weight":
                parameter.select(0, Found).narrow(0, 0, 1).fill_(1);
                parameter.select(0, Found).narrow(0, 4, 1).fill_(1);
                break;
            case "cls_head.fc_cls.weight":
                parameter.select(0, 0).narrow(0, Found, 1).fill_(1);
                break;
        }
    }
}
