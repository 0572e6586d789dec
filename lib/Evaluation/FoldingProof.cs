using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Checkpoints;
using ZeroI2V.Lab.Files;
using ZeroI2V.Lab.Reparameterization;
using ZeroI2V.Lab.VideoData;
using ZeroI2V.Lab.VideoData.MicroWorld;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Evaluation;

/// <summary>Holds a folded model against the unfolded one, on a clip of random pixels and on frames of a video.</summary>
public static class FoldingProof
{
    /// <summary>Decides the random pixels.</summary>
    public const int Seed = 1;

    /// <summary>Runs both models on both clips.</summary>
    /// <param name="model">The unfolded model.</param>
    /// <param name="folded">The folded one.</param>
    /// <param name="checkpoint">The file that the unfolded model came from.</param>
    /// <param name="video">A video; null for a synthetic clip drawn at the model's resolution.</param>
    /// <param name="naming">Whose keys the folded image model's are held against.</param>
    /// <exception cref="VideoException">The video cannot be read.</exception>
    public static EqualityReport Of(VideoRecognizer model, VideoRecognizer folded, string checkpoint, string? video = null, WeightNaming naming = WeightNaming.Clip)
    {
        ArgumentNullException.ThrowIfNull(model);
        using var scope = NewDisposeScope();
        int frames = model.Options.Frames, size = model.Options.Backbone.Resolution;
        Device device = model.parameters().First().device;
        using Generator generator = new Generator(Seed, CPU);
        Tensor random = randn([1, 3, frames, size, size], generator: generator).to(device);
        Tensor real = ClipTensor.Of(video is null ? MicroSsv2.Example(frames, size) : Frames(video, frames, size), ClipNormalization.Clip).to(device);
        return new EqualityReport(
            Path.GetFileName(checkpoint),
            FileHash.Sha256(checkpoint),
            FoldingReport.Compare(model, folded, random, naming),
            FoldingReport.Compare(model, folded, real, naming),
            video is null ? "MicroSSv2, a test scene" : Path.GetFileName(video),
            RealIsSynthetic: video is null,
            KeyComparison.Of(folded, naming));
    }

    /// <summary>Frames from the whole length of a video, as testing on Something-Something takes them.</summary>
    private static FrameStack Frames(string path, int frames, int size)
    {
        VideoInfo info = VideoFile.Probe(path);
        int[] numbers = new FrameSampling { Frames = frames }.Test(info.Frames);
        return new ClipTransform { ShortSide = size, Crop = CropRule.Center, CropSize = size }.Test(VideoFile.Decode(path, numbers, info))[0];
    }
}
