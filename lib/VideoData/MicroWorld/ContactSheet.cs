using FFMpegCore;
using FFMpegCore.Pipes;
using ZeroI2V.Lab.Files;

namespace ZeroI2V.Lab.VideoData.MicroWorld;

/// <summary>
/// Contact sheets of the synthetic data: what one looks at before training on it. The pictures are decoded from the files,
/// so they show what a model gets, compression included.
/// </summary>
public sealed class ContactSheet
{
    private const int Tile = MicroSsv2.FrameSize;
    private const int Gap = 2;
    private const int Edge = 16;
    private static readonly Rgb Ink = new(0.13f, 0.15f, 0.19f);
    private static readonly Rgb Faint = new(0.45f, 0.48f, 0.54f);

    private readonly int _width;
    private readonly int _height;
    private readonly byte[] _rgb;

    internal ContactSheet(int width, int height)
    {
        _width = width + (width % 2);
        _height = height + (height % 2);
        _rgb = new byte[_width * _height * 3];
        Array.Fill(_rgb, (byte)250);
    }

    /// <summary>A row for each class: eight frames of a training clip, eight of a test clip. Written as PNG.</summary>
    /// <param name="splits">The clips.</param>
    /// <param name="path">The picture to write.</param>
    /// <param name="title">The heading.</param>
    /// <param name="unseen">What test clips show that training does not.</param>
    /// <param name="cancellationToken">Stops between clips.</param>
    public static void Clips(MicroSplits splits, string path, string title = "MicroSSv2 (synthetic)", string unseen = "in test: unseen shapes and hues", CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(splits);
        const int Shown = 8, Top = 74, Column = (Shown * (Tile + Gap)) + 14, GroupHeight = 26;
        IReadOnlyList<string> classes = splits.Train.Classes, groups = splits.Train.ClassGroups;
        int labels = (classes.Max(PixelFont.Width) * 2) + Edge + 14;
        int headings = groups.Distinct().Count();
        var sheet = new ContactSheet(
            labels + (2 * Column) - 14 + Edge, Top + (classes.Count * (Tile + Gap)) + (headings * GroupHeight) + Edge);
        sheet.Write(title, Edge, 14, 3, Ink);
        sheet.Write("in training", labels, 50, 2, Faint);
        sheet.Write(unseen, labels + Column, 50, 2, Faint);
        int y = Top - GroupHeight;
        for (int label = 0; label < classes.Count; label++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (label == 0 || groups[label] != groups[label - 1])
            {
                y += GroupHeight;
                sheet.Write(groups[label], Edge, y - 20, 2, Faint);
            }
            sheet.Write(classes[label], Edge, y + (Tile / 2) - 8, 2, Ink);
            for (int split = 0; split < 2; split++)
            {
                ClipList list = split == 0 ? splits.Train : splits.Test;
                // Partner classes show different scenes, so that more of the world is seen.
                ClipRecord clip = list.Clips.Where(c => c.Label == label).ElementAt(label % 2);
                FrameStack frames = VideoFile.Decode(list.FullPath(clip));
                for (int i = 0; i < Shown; i++)
                {
                    int frame = ((2 * i) + 1) * frames.Count / (2 * Shown);
                    sheet.Paste(frames.Frame(frame), Tile, labels + (split * Column) + (i * (Tile + Gap)), y);
                }
            }
            y += Tile + Gap;
        }
        sheet.Save(path);
    }

    /// <summary>A grid of stills with what they show. Written as PNG.</summary>
    /// <param name="splits">The stills.</param>
    /// <param name="path">The picture to write.</param>
    /// <param name="cancellationToken">Stops the decoding.</param>
    public static void Stills(StillSplits splits, string path, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(splits);
        const int Columns = 12, Rows = 8, Top = 52, Line = 11, Cell = Tile + (2 * Line) + 5, Step = Tile + 22;
        StillSet set = splits.Validation with { Albums = [splits.Validation.Albums[0]], };
        set = set with { Labels = [.. set.Labels.Take(set.Albums[0].Frames)] };
        FrameStack stills = set.Decode(cancellationToken: cancellationToken);
        var sheet = new ContactSheet((2 * Edge) + (Columns * Step) - 22, Top + (Rows * Cell) + Edge);
        sheet.Write("MicroImages (synthetic)", Edge, 14, 3, Ink);
        for (int i = 0; i < Math.Min(Columns * Rows, set.Count); i++)
        {
            int x = Edge + (i % Columns * Step), y = Top + (i / Columns * Cell);
            sheet.Paste(stills.Frame(i), Tile, x, y);
            sheet.Write($"{Answer(2)} {Answer(0)}", x, y + Tile + 2, 1, Ink);
            sheet.Write(Answer(1), x, y + Tile + 2 + Line, 1, Faint);
            string Answer(int target) => set.Targets[target].Classes[set.Labels[i][target]];
        }
        sheet.Save(path);
    }

    internal void Write(string text, int x, int y, int scale, Rgb colour) =>
        PixelFont.Draw(_rgb, _width, text, x, y, scale, colour);

    /// <summary>Puts a frame of some width onto the sheet.</summary>
    internal void Paste(ReadOnlySpan<byte> frame, int width, int x, int y)
    {
        for (int row = 0; row < frame.Length / (3 * width); row++)
            frame.Slice(row * width * 3, width * 3).CopyTo(_rgb.AsSpan((((y + row) * _width) + x) * 3));
    }

    internal void Save(string path) => AtomicFile.Make(path, fresh => FFMpegArguments
        .FromPipeInput(new RawVideoPipeSource([new RawFrame(_rgb, _width, _height)]))
        .OutputToFile(fresh, overwrite: true, addArguments: o => o
            .WithVideoCodec("png")
            .WithCustomArgument("-compression_level 9 -pred mixed")
            .WithFrameOutputCount(1)
            .ForcePixelFormat("rgb24")
            .ForceFormat("image2"))
        .ProcessSynchronously());
}
