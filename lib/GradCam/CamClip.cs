using System.Globalization;
using ZeroI2V.Lab.VideoData;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.GradCam;

/// <summary>The frames of a video that a model sees, as pictures and as numbers.</summary>
/// <param name="Frames">The pictures, T of them, of the model's size.</param>
/// <param name="FrameNumbers">Their numbers in the video, from 0.</param>
/// <param name="FramesPerSecond">The video's rate; 0 where it is not known.</param>
public sealed record CamClip(FrameStack Frames, IReadOnlyList<int> FrameNumbers, double FramesPerSecond)
{
    /// <summary>Reads a video file.</summary>
    /// <param name="path">Any file that ffmpeg decodes.</param>
    /// <param name="resolution">Side of the model's frames; the middle square is seen, its short side resized to this.</param>
    /// <param name="sampling">Which frames, those of testing; of several clips the middle one.</param>
    /// <exception cref="CamException">The video has fewer frames than the model takes.</exception>
    /// <exception cref="VideoException">The file cannot be read or decoded.</exception>
    public static CamClip Read(string path, int resolution, FrameSampling sampling)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(sampling);
        sampling.Validate();
        VideoInfo info = VideoFile.Probe(path);
        if (info.Frames < sampling.Frames)
            throw new CamException($"'{path}' has {info.Frames} frames; the model takes {sampling.Frames}. Choose a longer video, or a model of fewer frames.");
        int[] all = sampling.Test(info.Frames);
        int middle = all.Length / sampling.Frames / 2;
        int[] numbers = [.. all.Skip(middle * sampling.Frames).Take(sampling.Frames)];
        FrameStack decoded = VideoFile.Decode(path, numbers, info);
        var transform = new ClipTransform { ShortSide = resolution, Crop = CropRule.Center, CropSize = resolution };
        return new CamClip(transform.Test(decoded)[0], numbers, info.FramesPerSecond);
    }

    /// <summary>A clip of a list, as testing sees it.</summary>
    /// <param name="clips">The clips.</param>
    /// <param name="clip">Its number.</param>
    /// <param name="sampling">Which frames.</param>
    public static CamClip Of(DecodedClips clips, int clip, FrameSampling sampling)
    {
        ArgumentNullException.ThrowIfNull(clips);
        ArgumentNullException.ThrowIfNull(sampling);
        IReadOnlyList<int> numbers = sampling.Test(clips.List.Clips[clip].Frames);
        return new CamClip(clips.Frames(clip, numbers), numbers, 0);
    }

    /// <summary>What the model takes, (1, 3, T, H, W).</summary>
    public Tensor ToTensor() => ClipNormalization.Clip.Apply(Frames);

    /// <summary>What to write under each frame: its number, and when it is shown.</summary>
    public IReadOnlyList<string> Labels => [.. FrameNumbers.Select(number => FramesPerSecond > 0
        ? string.Create(CultureInfo.InvariantCulture, $"{number} · {number / FramesPerSecond:0.00} s")
        : string.Create(CultureInfo.InvariantCulture, $"frame {number}"))];
}
