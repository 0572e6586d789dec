using System.Globalization;
using ZeroI2V.Lab.VideoData;
using ZeroI2V.Lab.VideoData.DataSets;

namespace ZeroI2V.Lab.Reporting;

/// <summary>Tables about a list of clips and what is seen of it.</summary>
public static class DataTables
{
    /// <summary>Counts of a list.</summary>
    public static ResultTable Overview(ClipList list)
    {
        ArgumentNullException.ThrowIfNull(list);
        int[] perClass = [.. list.Classes.Select((_, label) => list.Clips.Count(clip => clip.Label == label))];
        int[] frames = [.. list.Clips.Select(clip => clip.Frames).Order()];
        return Table(list.Name, list.Synthetic, ["what", "number"],
        [
            ["clips", Whole(list.Clips.Count)],
            ["classes", Whole(list.Classes.Count)],
            ["clips of a class, least to most", $"{Whole(perClass.Min())} to {Whole(perClass.Max())}"],
            ["frames of a clip, least, middle, most", frames.Length == 0 ? "" : $"{Whole(frames[0])}, {Whole(frames[frames.Length / 2])}, {Whole(frames[^1])}"],
            ["left out", Whole(list.LeftOut?.Count ?? 0)],
            ["decoded by", VideoFile.Decoder],
        ]);
    }

    /// <summary>What a check found.</summary>
    public static ResultTable Problems(ClipList list, IReadOnlyList<DataProblem> problems)
    {
        ArgumentNullException.ThrowIfNull(list);
        ArgumentNullException.ThrowIfNull(problems);
        return Table($"{list.Clips.Count - problems.Count} of {list.Clips.Count} checked clips are as listed", list.Synthetic, ["problem", "clip", "detail"],
            [.. problems.Take(20).Select(problem => (string[])[problem.Kind.ToString(), problem.Path, problem.Detail])]);
    }

    /// <summary>The frame numbers that samplings take of clips of several lengths.</summary>
    public static ResultTable Sampling(IReadOnlyList<FrameSampling> samplings, IReadOnlyList<int> lengths)
    {
        ArgumentNullException.ThrowIfNull(samplings);
        ArgumentNullException.ThrowIfNull(lengths);
        var rows = new List<string[]>();
        foreach (FrameSampling sampling in samplings)
        {
            string name = sampling.Rule == FrameRule.Uniform ? $"uniform, {Whole(sampling.Frames)}" : $"strided, {Whole(sampling.Frames)} × {Whole(sampling.Stride)}";
            foreach (int length in lengths)
                rows.Add([name, Whole(length), Numbers(sampling.Test(length)), Numbers(sampling.Train(length, SeededDraws.For(0, 0, length))), Numbers(sampling.Train(length, SeededDraws.For(0, 1, length)))]);
        }
        return Table("Frame numbers, from 0", synthetic: false, ["sampling", "frames of the clip", "in test", "in training, epoch 0", "epoch 1"], rows);
    }

    /// <summary>Sizes of few-shot subsets.</summary>
    public static ResultTable FewShot(ClipList list, IReadOnlyList<int> shots, long seed)
    {
        ArgumentNullException.ThrowIfNull(list);
        ArgumentNullException.ThrowIfNull(shots);
        return Table($"Few-shot subsets of {list.Name}, seed {seed}", list.Synthetic, ["subset", "clips", "first clip"],
            [.. shots.Select(k => VideoData.DataSets.FewShot.Draw(list, k, seed)).Zip(shots, (drawn, k) => (string[])[$"{Whole(k)}-shot", Whole(drawn.Clips.Count), drawn.Clips[0].Path])]);
    }

    /// <summary>What must hold of a list and a recipe.</summary>
    public static ResultTable Expectations(ClipList list, DataRecipe recipe)
    {
        ArgumentNullException.ThrowIfNull(list);
        ArgumentNullException.ThrowIfNull(recipe);
        int problems = DataCheck.Run(list).Count;
        FrameSampling sampling = recipe.Training.Sampling;
        int outside = list.Clips.Sum(clip => sampling.Train(clip.Frames, SeededDraws.For(0, clip.Frames)).Concat(sampling.Test(clip.Frames)).Count(frame => frame < 0 || frame >= clip.Frames));
        int classesShown = list.Clips.Select(clip => clip.Label).Distinct().Count();
        return Table("What must hold", list.Synthetic, ["expected", "found", ""],
        [
            ["Every checked clip is as listed", Whole(problems) + " are not", problems == 0 ? "holds" : "does not hold"],
            ["No frame outside its clip is asked for", Whole(outside) + " are", outside == 0 ? "holds" : "does not hold"],
            ["The checked clips show more than one class", Whole(classesShown), classesShown > 1 ? "holds" : "does not hold"],
        ]);
    }

    private static ResultTable Table(string caption, bool synthetic, IReadOnlyList<string> columns, IReadOnlyList<string[]> rows) => new()
    {
        Caption = caption,
        Synthetic = synthetic && !caption.Contains("synthetic", StringComparison.Ordinal),
        Columns = [.. columns.Select(name => new TableColumn(name, TextAlignment.Left))],
        Rows = rows,
    };

    private static string Numbers(int[] frames) => string.Join(' ', frames.Take(16).Select(Whole)) + (frames.Length > 16 ? " …" : "");

    private static string Whole(int number) => number.ToString(CultureInfo.InvariantCulture);
}
