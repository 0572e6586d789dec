using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Evaluation;
using ZeroI2V.Lab.Tests.FFMpegCore;
using ZeroI2V.Lab.Training;
using ZeroI2V.Lab.VideoData;
using ZeroI2V.Lab.VideoData.DataSets;

namespace ZeroI2V.Lab.Tests.Evaluation;

public sealed class PaperRecipeTests : IDisposable
{
    private readonly SmallVideo _videos = new();

    public void Dispose() => _videos.Dispose();

    private VideoRunData Data(int classes)
    {
        ClipList List(string name) => new()
        {
            Name = name, Synthetic = true, Classes = [.. Enumerable.Range(0, classes).Select(i => $"class {i}")],
            ClassGroups = [.. Enumerable.Range(0, classes).Select(_ => "")], ReversedClass = [.. Enumerable.Range(0, classes).Select(_ => -1)], Root = _videos.Folder,
            Clips = [.. Enumerable.Range(0, 6).Select(i => new ClipRecord { Path = $"{i}.mp4", Label = i % 2, Frames = 10 })],
        };
        return VideoRunData.OnDemand(List("train"), List("test"));
    }

    [Fact]
    public void A_run_has_everything_from_the_manifest()
    {
        DataSetManifest manifest = DataSetManifest.Find("ssv2");
        VideoRunOptions options = PaperRecipe.Run(manifest, manifest.Recipe(), Data(174), "0", seed: 3).Validate();
        Assert.Equal(Presets.ViTB16.Ssv2_16, options.Recognizer);
        Assert.Equal((50, 64, 0.1, 3e-4, 3), (options.Training.Epochs, options.Training.BatchSize, options.Training.LabelSmoothing, options.Training.LearningRate, options.Training.Seed));
        Assert.Equal([(86, 87), (93, 94), (166, 167)], options.Views!.Training.Transform.LabelsSwappedByFlip);
        Assert.Equal((7.0, 4, 0.25), (options.Views.Training.Transform.Augment!.Magnitude, options.Views.Training.Transform.Augment.Layers, options.Views.Training.Transform.Erasing!.Probability));
        // As a run's folder keeps it.
        string json = System.Text.Json.JsonSerializer.Serialize(options, RunJson.Options);
        Assert.Equal(json, System.Text.Json.JsonSerializer.Serialize(RunJson.Read<VideoRunOptions>(json, "options"), RunJson.Options));
    }

    [Fact]
    public void A_list_of_other_classes_is_not_mirrored_where_mirroring_changes_labels()
    {
        DataSetManifest manifest = DataSetManifest.Find("ssv2");
        ClipTransform other = PaperRecipe.Views(manifest, manifest.Recipe(), Data(22).Train.List).Training.Transform, own = PaperRecipe.Views(manifest, manifest.Recipe(), Data(174).Train.List).Training.Transform;
        Assert.Equal((0, 0.5), (other.FlipProbability, own.FlipProbability));
        Assert.Empty(other.LabelsSwappedByFlip);
        Assert.Equal(3, own.LabelsSwappedByFlip.Count);
    }

    [Fact]
    public void A_small_recogniser_is_adapted_from_files_with_a_bad_one_among_them()
    {
        for (int i = 0; i < 6; i++)
        {
            if (i == 4)
                File.WriteAllText(_videos["4.mp4"], "no video");
            else
                _videos.MakeFrames($"{i}.mp4", Enumerable.Repeat(i % 2 == 0 ? 0 : 255, 10));
        }
        VideoRunData data = Data(2);
        DataSetManifest manifest = DataSetManifest.Find("ucf101");
        string image = Path.Combine(_videos.Folder, "image.safetensors");
        VitOptions tower = new() { Width = 16, Layers = 1, Heads = 2, PatchSize = 8, Resolution = 16 };
        using (var model = new VisionTransformer(tower))
            model.Save(image);
        VideoRunOptions paper = PaperRecipe.Run(manifest, manifest.Recipe(), data, "0", seed: 1);
        ClipView Small(ClipView view) => view with { Transform = view.Transform with { ShortSide = 16, CropSize = 16 } };
        VideoRunOptions options = paper with
        {
            Recognizer = paper.Recognizer with { Backbone = tower },
            Training = paper.Training with { Epochs = 2, BatchSize = 3, WarmUpEpochs = 0 },
            Views = paper.Views! with { Training = Small(paper.Views.Training), Validation = Small(paper.Views.Validation), Test = Small(paper.Views.Test) },
        };
        VideoRunResult result = VideoRun.Execute(options, data, image, new RunFolder(Path.Combine(_videos.Folder, "run")), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(5, result.Evaluation.Clips);
        Assert.Contains(result.SkippedVideos, path => path.EndsWith("4.mp4", StringComparison.Ordinal));
        Assert.NotNull(result.SecondsWaitingForData);
    }
}
