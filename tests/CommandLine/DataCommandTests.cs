using System.Globalization;
using System.Text.RegularExpressions;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Evaluation;
using ZeroI2V.Lab.Tests.DataSets;
using ZeroI2V.Lab.Training;
using ZeroI2V.Lab.VideoData;

namespace ZeroI2V.Lab.Tests.CommandLine;

/// <summary>From a folder of a public data set to a tested recogniser, as a user types it.</summary>
public sealed partial class DataCommandTests : IDisposable
{
    private const string List = "data/ucf101-split1/train.json";

    private readonly MadeDataSet _data = new();
    private readonly string _folder;

    public DataCommandTests()
    {
        _folder = Path.GetDirectoryName(_data.Output)!;
        _data.Write("classInd.txt", "1 Up\n2 Down\n").Write("trainlist01.txt", "Up/a.avi 1\nUp/b.avi 1\nDown/c.avi 2\nDown/d.avi 2\nDown/gone.avi 2\n").Write("testlist01.txt", "Up/e.avi\nDown/f.avi\nDown/g.avi\n");
        foreach (string name in new[] { "Up/a", "Up/b", "Down/c", "Down/d", "Up/e", "Down/f", "Down/g" })
            _data.Video(name + ".avi", MadeDataSet.Avi);
    }

    public void Dispose() => _data.Dispose();

    [Fact]
    public void A_data_set_is_imported_checked_drawn_from_and_shown()
    {
        (int status, string output, string errors) = Lab("data", "import", "ucf101", "--annotations", "annotations", "--videos", "videos");
        Assert.Equal(0, status);
        Assert.Contains("UCF101 split 1: 4 training and 3 validation clips of 2 classes in data/ucf101-split1; 7 videos examined now.", output, StringComparison.Ordinal);
        Assert.Contains("Down/gone.avi", output, StringComparison.Ordinal);
        Assert.Contains("data/ucf101-split1/problems.csv", output, StringComparison.Ordinal);

        (status, output, errors) = Lab("data", "check", List, "--thorough");
        Assert.Equal(0, status);
        Assert.Contains("4 of 4 clips are as listed.", output, StringComparison.Ordinal);
        (status, output, errors) = Lab("data", "few-shot", List, "--shots", "1", "2", "--seed", "3");
        Assert.Equal((0, ""), (status, errors));
        Assert.Equal(2, ClipList.Load(Path.Combine(_folder, "data/ucf101-split1/train-1shot-seed3.json")).Clips.Count);
        Assert.Contains("train-2shot-seed3.json: 4 clips", output.ReplaceLineEndings(""), StringComparison.Ordinal);
        (status, output, errors) = Lab("data", "sheet", List, "--recipe", "ucf101", "--clips", "2");
        Assert.Equal((0, ""), (status, errors));
        Assert.True(VideoFile.Decode(Path.Combine(_folder, "figures/ucf101-split1-train.png")).Height > 6 * 112);

        File.WriteAllText(Path.Combine(_data.Videos, "Up/a.avi"), "no longer a video");
        (status, output, errors) = Lab("data", "check", List);
        Assert.Equal(1, status);
        Assert.Contains("Unreadable", output, StringComparison.Ordinal);
        Assert.Contains("3 of 4 clips are as listed.", output, StringComparison.Ordinal);
    }

    [Fact]
    public void An_image_model_is_adapted_to_a_few_shots_and_tested_again_with_the_same_result()
    {
        Assert.Equal(0, Lab("data", "import", "ucf101", "--annotations", "annotations", "--videos", "videos").Status);
        Assert.Equal(0, Lab("data", "few-shot", List, "--shots", "1").Status);
        using (var image = new VisionTransformer(new VitOptions { Width = 16, Layers = 1, Heads = 2, PatchSize = 8, Resolution = 16 }))
            image.Save(Path.Combine(_folder, "image.safetensors"));
        string[] small =
        [
            "recognizer.backbone.width=16", "recognizer.backbone.layers=1", "recognizer.backbone.heads=2", "recognizer.backbone.mlpHidden=64", "recognizer.backbone.patchSize=8", "recognizer.backbone.resolution=16",
            "training.epochs=1", "training.warmUpEpochs=0", "training.batchSize=2",
            .. new[] { "training", "validation", "test" }.SelectMany(view => new[] { $"views.{view}.transform.shortSide=16", $"views.{view}.transform.cropSize=16" }),
        ];
        (int status, string output, string errors) = Lab(
            ["adapt", "ucf101", "--train", "data/ucf101-split1/train-1shot-seed0.json", "--image", "image.safetensors", "--run", "run", .. small.SelectMany(setting => new[] { "--set", setting })]);
        Assert.True(status == 0, errors);
        Assert.Contains("Waited ", output, StringComparison.Ordinal);
        double adapted = 100 * new RunFolder(Path.Combine(_folder, "run")).ReadResult<VideoRunResult>().Evaluation.Overall.Top1;

        (status, output, errors) = Lab("evaluate", "ucf101", "run/model.safetensors");
        Assert.True(status == 0, errors);
        Assert.Contains("UCF101 split 1 validation: top-1 ", output, StringComparison.Ordinal);
        Assert.Contains("3 clips, ", output.ReplaceLineEndings(" "), StringComparison.Ordinal);
        Assert.Equal(adapted, double.Parse(TopOne().Match(output).Groups[1].Value, CultureInfo.InvariantCulture), 1);

        (status, _, errors) = Lab("evaluate", "ssv2", "run/model.safetensors");
        Assert.Equal(1, status);
        Assert.Contains("lab data import ssv2", errors, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"top-1\D*([\d.]+) %")]
    private static partial Regex TopOne();

    private (int Status, string Output, string Errors) Lab(params string[] arguments) => LabProgram.Run(_folder, arguments);
}
