using System.Globalization;
using ZeroI2V.Lab.VideoData.MicroWorld;

namespace ZeroI2V.Lab.VideoData.DataSets;

/// <summary>A contact sheet of what a recogniser sees of a list: for each clip the frames of a test view, and of two training
/// epochs with their crops and augmentation.</summary>
public static class TrainingSheet
{
    private const int Shown = 8, Tile = 112, Gap = 3, Label = 200, Edge = 16, Top = 54;

    private static readonly Rgb s_ink = new(0.13f, 0.15f, 0.19f), s_faint = new(0.45f, 0.48f, 0.54f);

    /// <summary>Draws the sheet. Written as PNG.</summary>
    /// <param name="list">The clips.</param>
    /// <param name="training">What training sees.</param>
    /// <param name="test">What testing sees; its first view is shown.</param>
    /// <param name="path">The picture to write.</param>
    /// <param name="clips">Clips shown, spread over the list.</param>
    /// <param name="seed">Seed of the training's draws.</param>
    /// <exception cref="VideoException">A video cannot be decoded.</exception>
    public static void Draw(ClipList list, ClipView training, ClipView test, string path, int clips = 6, long seed = 0)
    {
        ArgumentNullException.ThrowIfNull(list);
        ArgumentNullException.ThrowIfNull(training);
        ArgumentNullException.ThrowIfNull(test);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(clips);
        training.Validate();
        test.Validate();
        clips = Math.Min(clips, list.Clips.Count);
        if (clips == 0)
            throw new ArgumentException($"'{list.Name}' has no clips to show.", nameof(list));
        int step = Tile + Gap;
        var sheet = new ContactSheet(Label + Shown * step + Edge, Top + clips * (3 * step + 10) + Edge);
        sheet.Write(Plain($"{list.Name}{(list.Synthetic && !list.Name.Contains("synthetic", StringComparison.Ordinal) ? " (synthetic)" : "")}"), Edge, 14, 3, s_ink);
        var source = DecodedClips.OnDemand(list);
        int y = Top;
        for (int i = 0; i < clips; i++)
        {
            int number = (int)((long)i * list.Clips.Count / clips);
            ClipRecord clip = list.Clips[number];
            Row(test.Transform.Test(source.Frames(number, test.Sampling.Test(clip.Frames, clip.FramesPerSecond)))[0], test, list.Classes[clip.Label], "in test");
            for (int epoch = 0; epoch < 2; epoch++)
            {
                SeededDraws draws = SeededDraws.For(seed, epoch, number);
                (FrameStack frames, int label) = training.Transform.Train(source.Frames(number, training.Sampling.Train(clip.Frames, draws)), clip.Label, draws);
                Row(frames, training, list.Classes[label], string.Create(CultureInfo.InvariantCulture, $"in training, epoch {epoch}"));
            }
            y += 10;
        }
        sheet.Save(path);

        void Row(FrameStack frames, ClipView view, string name, string what)
        {
            int count = view.Sampling.Frames;
            FrameStack tiles = BilinearResize.Resize(frames, Math.Max(1, frames.Width * Tile / Math.Max(frames.Width, frames.Height)), Math.Max(1, frames.Height * Tile / Math.Max(frames.Width, frames.Height)));
            int line = y + 4;
            foreach (string part in Lines(Plain(name)))
            {
                sheet.Write(part, Edge, line, 2, s_ink);
                line += 22;
            }
            sheet.Write(what, Edge, line, 1, s_faint);
            for (int t = 0; t < Math.Min(Shown, count); t++)
                sheet.Paste(tiles.Frame(count <= Shown ? t : t * count / Shown), tiles.Width, Label + t * step, y);
            y += step;
        }
    }

    /// <summary>With the letters that the sheet has.</summary>
    private static string Plain(string text)
    {
        string known = string.Concat(text.Select(c => PixelFont.Has(c) ? c : PixelFont.Has(char.ToLowerInvariant(c)) ? char.ToLowerInvariant(c) : ' '));
        return known.Trim().Length > 0 ? known : "-";
    }

    private static IEnumerable<string> Lines(string text)
    {
        string line = "";
        int lines = 0;
        foreach (string word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            string longer = line.Length == 0 ? word : $"{line} {word}";
            if (line.Length > 0 && 2 * PixelFont.Width(longer) > Label - Edge - 6)
            {
                yield return line;
                if (++lines == 3)
                    yield break;
                longer = word;
            }
            line = longer;
        }
        while (line.Length > 1 && 2 * PixelFont.Width(line) > Label - Edge - 6)
            line = line[..^1];
        yield return line;
    }
}
