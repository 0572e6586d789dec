using System.Globalization;
using System.Text.Json;
using ZeroI2V.Lab.Parity;
using ZeroI2V.Lab.VideoData.DataSets;

namespace ZeroI2V.Lab.Evaluation.DataParity;

/// <summary>Lists made from official annotation files, and what a loader reads from lists.</summary>
internal static class AnnotationParity
{
    public static IEnumerable<ParityRow> Check(JsonElement data, string path)
    {
        string folder = Path.Combine(Path.GetDirectoryName(path)!, Path.GetFileNameWithoutExtension(path));
        return [Lists(data, folder), Loaded(data, folder), SingleLines(data), FurtherForms(data), Derived(data, folder)];
    }

    private static Annotations Read(string folder, string dataSet, int split) =>
        Annotations.Read(DataSetManifest.Find(dataSet == "sthv2" ? "ssv2" : dataSet, split), Path.Combine(folder, dataSet, "original"));

    private static int Split(string file)
    {
        int at = file.IndexOf("split_", StringComparison.Ordinal);
        return at < 0 ? 1 : file[at + 6] - '0';
    }

    private static ParityRow Lists(JsonElement data, string folder)
    {
        var cases = new ParityCases("lists made from annotations");
        foreach (JsonElement e in data.Cases("lists"))
        {
            string dataSet = e.Text("dataset"), below = e.Text("folder") + "/", file = e.Text("file");
            Annotations annotations = Read(folder, dataSet, Split(file));
            IReadOnlyList<AnnotatedVideo> videos = e.Text("subset") == "train" ? annotations.Train : annotations.Validation;
            string[] expected = e.GetProperty("lines").Texts();
            if (e.Text("format") == "videos")
            {
                var present = data.GetProperty("present").GetProperty(dataSet).Texts().ToHashSet(StringComparer.Ordinal);
                cases.Equal(expected, videos.Where(video => present.Contains(below + video.Path)).Select(OfficialList.Line), () => file);
            }
            else
            {
                JsonElement counts = data.GetProperty("frame_counts").GetProperty(dataSet);
                cases.Equal(expected, videos.SelectMany(video => Frames(counts, below, video)), () => file);
            }
            cases.Equal(expected, File.ReadAllLines(Path.Combine(folder, dataSet, "lists", Path.GetFileName(file))), () => $"{file} on disk");
        }
        if (data.TryGetProperty("kinetics_classes", out JsonElement classes))
            cases.Equal(classes.Texts(), Read(folder, "kinetics400", 0).Classes, () => "classes of Kinetics");
        return cases.Row();
    }

    private static IEnumerable<string> Frames(JsonElement counts, string below, AnnotatedVideo video)
    {
        string frames = Path.ChangeExtension(video.Path, null);
        return counts.TryGetProperty(below + frames, out JsonElement count)
            ? [string.Create(CultureInfo.InvariantCulture, $"{frames} {count.GetInt32()} {video.Label}")]
            : [];
    }

    private static ParityRow Loaded(JsonElement data, string folder)
    {
        var cases = new ParityCases("lists as a loader reads them");
        foreach (JsonElement e in data.Cases("loaded"))
        {
            string[] parts = e.Text("file").Split('/');
            bool frames = parts[1].Contains("rawframes", StringComparison.Ordinal);
            var form = new OfficialListForm { FrameFolders = frames, Official = true };
            cases.Equal(
                e.Cases("items").Select(Item),
                File.ReadAllLines(Path.Combine(folder, parts[0], "lists", parts[1])).Select(line => Item(OfficialList.Parse(line, form, e.Text("prefix")), frames)),
                () => e.Text("file"));
        }
        return cases.Row();
    }

    private static string Item(JsonElement item) => string.Join('|', item.EnumerateArray().Select(value => value.ToString()));

    private static string Item(OfficialListEntry entry, bool frames, bool offset = false) => string.Join('|', (string[])
        [entry.Path, .. offset ? [Number(entry.Offset)] : (string[])[], .. frames ? [Number(entry.Frames)] : (string[])[], .. entry.Labels.Select(Number)]);

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static ParityRow SingleLines(JsonElement data)
    {
        var cases = new ParityCases("single lines and their errors");
        foreach (JsonElement e in data.Cases("single_lines"))
        {
            bool frames = e.Text("kind") == "rawframes";
            var form = new OfficialListForm { FrameFolders = frames, Official = true };
            OfficialListEntry Parse() => OfficialList.Parse(e.Text("line"), form, e.Text("prefix"));
            if (e.Flag("error"))
                cases.Refused(() => Parse(), () => e.Short());
            else
                cases.Same(Item(e.GetProperty("item")), Item(Parse(), frames), () => e.Short());
        }
        return cases.Row();
    }

    private static ParityRow FurtherForms(JsonElement data)
    {
        var cases = new ParityCases("several labels and offsets");
        if (data.TryGetProperty("multi_label", out JsonElement several))
        {
            int classes = several.Int("num_classes");
            int[][] found = [.. several.GetProperty("lines").Texts()
                .Select(line => OfficialList.Parse(line, new OfficialListForm { SeveralLabels = true, Official = true }))
                .Select(entry => Enumerable.Range(0, classes).Select(c => entry.Labels.Contains(c) ? 1 : 0).ToArray())];
            cases.Equal(several.Cases("one_hot").SelectMany(row => row.Ints()), found.SelectMany(row => row), () => "several labels");
        }
        if (data.TryGetProperty("with_offset", out JsonElement offset))
        {
            var form = new OfficialListForm { FrameFolders = true, WithOffset = true, Official = true };
            cases.Equal(
                offset.Cases("items").Select(Item),
                offset.GetProperty("lines").Texts().Select(line => Item(OfficialList.Parse(line, form), frames: true, offset: true)),
                () => "offsets");
        }
        return cases.Row();
    }

    /// <summary>The lists that the official scripts make of HMDB51 on the way, with classes from 1; the JSON form of a list.</summary>
    private static ParityRow Derived(JsonElement data, string folder)
    {
        var cases = new ParityCases("derived lists");
        if (data.TryGetProperty("hmdb51_derived", out JsonElement hmdb))
        {
            for (int split = 1; split <= 3; split++)
            {
                Annotations annotations = Read(folder, "hmdb51", split);
                cases.Equal(Lines("classInd.txt"), annotations.Classes.Select((name, label) => string.Create(CultureInfo.InvariantCulture, $"{label + 1} {name}")), () => "classInd.txt");
                cases.Equal(Lines($"trainlist0{split}.txt"), annotations.Train.Select(FromOne), () => $"trainlist0{split}.txt");
                cases.Equal(Lines($"testlist0{split}.txt"), annotations.Validation.Select(FromOne), () => $"testlist0{split}.txt");
            }
            string[] Lines(string name) => hmdb.Text(name).Split('\n');
        }
        if (data.TryGetProperty("json_list", out JsonElement list))
        {
            string text = Path.Combine(folder, Path.GetDirectoryName(list.Text("file"))!, "lists", Path.GetFileNameWithoutExtension(list.Text("file")) + ".txt");
            cases.Equal(
                list.Cases("content").Select(entry => $"{entry.Text("filename")} {entry.Ints("label")[0]}"),
                File.ReadAllLines(text),
                () => list.Text("file"));
        }
        return cases.Row();
    }

    private static string FromOne(AnnotatedVideo video) => OfficialList.Line(video with { Label = video.Label + 1 });
}
