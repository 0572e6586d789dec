using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.VideoData;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.GradCam;

/// <summary>Classes for a plain image model: where it has no text to compare with, the mean feature of each class, less that of all.</summary>
public static class ClassDirections
{
    /// <summary>Means over the frames of some clips of each class.</summary>
    /// <param name="model">The image model; it stays as it is.</param>
    /// <param name="clips">Training clips.</param>
    /// <param name="sampling">Which frames.</param>
    /// <param name="clipsPerClass">Clips of each class, the first of the list.</param>
    /// <param name="cancellationToken">Stops it between clips.</param>
    /// <returns>Directions of length one, (K, D).</returns>
    /// <exception cref="CamException">A class has no clip.</exception>
    public static Tensor Means(VisionTransformer model, DecodedClips clips, FrameSampling sampling, int clipsPerClass = 20, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(clips);
        ArgumentNullException.ThrowIfNull(sampling);
        ArgumentOutOfRangeException.ThrowIfLessThan(clipsPerClass, 1);
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using Evaluating evaluating = new(model);
        Device device = model.parameters().First().device;
        var means = new List<Tensor>();
        for (int label = 0; label < clips.List.Classes.Count; label++)
        {
            int[] chosen = [.. clips.List.Clips.Index().Where(item => item.Item.Label == label).Take(clipsPerClass).Select(item => item.Index)];
            if (chosen.Length == 0)
                throw new CamException($"'{clips.List.Name}' has no clip of '{clips.List.Classes[label]}', so the class has no direction.");
            Tensor sum = zeros(model.Options.Width, device: device);
            foreach (int clip in chosen)
            {
                cancellationToken.ThrowIfCancellationRequested();
                using var inner = NewDisposeScope();
                sum.add_(model.call(ComputeDevice.Bring(CamClip.Of(clips, clip, sampling).ToTensor(), device)).mean([0L, 2L]));
            }
            means.Add(sum.div(chosen.Length).cpu());
        }
        Tensor all = stack(means);
        return nn.functional.normalize(all.sub(all.mean([0L], keepdim: true))).MoveToOuterDisposeScope();
    }
}
