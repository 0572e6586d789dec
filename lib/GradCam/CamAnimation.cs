using System.Globalization;
using FFMpegCore;
using FFMpegCore.Pipes;
using ZeroI2V.Lab.Files;
using ZeroI2V.Lab.VideoData;
using ZeroI2V.Lab.VideoData.MicroWorld;

namespace ZeroI2V.Lab.GradCam;

/// <summary>A clip with its maps side by side as a moving picture, MP4 or GIF.</summary>
public static class CamAnimation
{
    private const int Gap = 6, Top = 30, LetterScale = 2;
    private static readonly Rgb s_ink = new(0.9f, 0.91f, 0.93f);

    /// <summary>Writes the moving picture; panels stand side by side, the clip itself first.</summary>
    /// <param name="path">The file, <c>.mp4</c> or <c>.gif</c>.</param>
    /// <param name="frames">The clip, as many frames as the maps have.</param>
    /// <param name="panels">The maps.</param>
    /// <param name="framesPerSecond">How fast it runs.</param>
    /// <param name="side">Height of a picture, pixels; smaller clips are enlarged.</param>
    /// <param name="alpha">How opaque the strongest evidence is, 0 to 1.</param>
    /// <param name="cancellationToken">Ends the run of ffmpeg.</param>
    /// <exception cref="CamException">The file's name ends otherwise, or clip and maps differ in their number of frames.</exception>
    public static void Save(
        string path, FrameStack frames, IReadOnlyList<CamPanel> panels, double framesPerSecond = 4, int side = 224, double alpha = CamOverlay.DefaultAlpha, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(frames);
        ArgumentNullException.ThrowIfNull(panels);
        if (framesPerSecond is not (> 0 and <= 120))
            throw new CamException($"{framesPerSecond} frames a second cannot be shown; choose more than 0 and at most 120.");
        bool gif = Path.GetExtension(path).ToUpperInvariant() switch
        {
            ".GIF" => true,
            ".MP4" => false,
            _ => throw new CamException($"'{path}': maps move in .mp4 and .gif files, not in '{Path.GetExtension(path)}'."),
        };
        IReadOnlyList<byte[]> pictures = Draw(frames, panels, side, alpha, out int width, out int height);
        AtomicFile.Make(path, temporary => FFMpegArguments
            .FromPipeInput(new RawVideoPipeSource(pictures.Select(picture => new RawFrame(picture, width, height))) { FrameRate = framesPerSecond })
            .OutputToFile(temporary, overwrite: true, addArguments: options => Format(options, gif))
            .CancellableThrough(cancellationToken)
            .ProcessSynchronously());
        cancellationToken.ThrowIfCancellationRequested();
    }

    private static void Format(FFMpegArgumentOptions options, bool gif)
    {
        if (gif)
        {
            // One palette for all frames, so that a colour means the same in each.
            options.WithCustomArgument("-vf \"split[a][b];[a]palettegen=stats_mode=full[p];[b][p]paletteuse=dither=bayer:bayer_scale=4\" -loop 0").ForceFormat("gif");
            return;
        }
        options.WithVideoCodec("libx264").ForcePixelFormat("yuv420p").WithCustomArgument("-crf 16 -movflags +faststart").ForceFormat("mp4");
    }

    private static List<byte[]> Draw(FrameStack frames, IReadOnlyList<CamPanel> panels, int side, double alpha, out int width, out int height)
    {
        FrameStack large = Enlarged(frames, Math.Clamp(side, 16, 2048));
        List<(string Title, FrameStack Frames)> columns = [("clip", large), .. panels.Select(panel =>
        {
            CamOverlay.RequireFrames(frames, panel);
            return (panel.Title, CamOverlay.Over(large, panel, alpha));
        })];
        // H.264 with colours of half resolution takes even sizes.
        int pictureWidth = width = Even(columns.Count * (large.Width + Gap) + Gap);
        height = Even(large.Height + Top + Gap);
        var pictures = new List<byte[]>();
        for (int t = 0; t < frames.Count; t++)
        {
            var rgb = new byte[3 * width * height];
            Array.Fill(rgb, (byte)22);
            for (int c = 0; c < columns.Count; c++)
            {
                int left = Gap + c * (large.Width + Gap);
                PixelFont.Draw(rgb, width, Heading(c == 0 ? string.Create(CultureInfo.InvariantCulture, $"frame {t + 1} of {frames.Count}") : columns[c].Title, large.Width), left, 8, LetterScale, s_ink);
                ReadOnlySpan<byte> picture = columns[c].Frames.Frame(t);
                for (int y = 0; y < large.Height; y++)
                    picture.Slice(3 * y * large.Width, 3 * large.Width).CopyTo(rgb.AsSpan(3 * ((y + Top) * pictureWidth + left)));
            }
            pictures.Add(rgb);
        }
        return pictures;
    }

    private static FrameStack Enlarged(FrameStack frames, int side) => frames.Height >= side
        ? frames
        : BilinearResize.Resize(frames, (int)Math.Round((double)side * frames.Width / frames.Height), side);

    /// <summary>What the small letters can write, as far as there is room.</summary>
    private static string Heading(string text, int room)
    {
        string plain = string.Concat(text.Replace('−', '-').Replace('Δ', 'd').ToLowerInvariant().Select(letter => PixelFont.Has(letter) ? letter : ' '));
        while (plain.Length > 1 && PixelFont.Width(plain) * LetterScale > room)
            plain = plain[..^1];
        return plain;
    }

    private static int Even(int size) => size + size % 2;
}
