using TorchSharp;
using ZeroI2V.Lab.Ablations;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Checkpoints;
using ZeroI2V.Lab.GradCam;
using ZeroI2V.Lab.VideoData;
using ZeroI2V.Lab.VideoData.MicroWorld;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Reporting;

/// <summary>Looks into a recogniser of the first comparison, with the image model that it was made from beside it.</summary>
public sealed class FirstLightCam : IDisposable
{
    private readonly FirstLightReport _report;
    private readonly FirstLightRun _run;
    private readonly VideoRecognizer _model;
    private readonly VisionTransformer _image;
    private readonly Tensor _directions;
    private readonly DecodedClips _test;
    private readonly IReadOnlyList<ClipTruth> _truth;
    private readonly FrameSampling _sampling;

    private FirstLightCam(FirstLightReport report, FirstLightRun run, VideoRecognizer model, VisionTransformer image, MicroSplits splits)
    {
        (_report, _run, _model, _image) = (report, run, model, image);
        _sampling = new FrameSampling { Frames = model.Options.Frames };
        int side = model.Options.Backbone.Resolution;
        _test = DecodedClips.OnDemand(splits.Test, side);
        _truth = MicroTruth.Read(MicroSsv2.TruthPath(report.Options.Data, report.Options.Size, "test"));
        using var scope = NewDisposeScope();
        _directions = ClassDirections.Means(image, DecodedClips.OnDemand(splits.Train, side), _sampling, clipsPerClass: 6).DetachFromDisposeScope();
    }

    /// <summary>The classes.</summary>
    public static IReadOnlyList<string> Classes => MicroSsv2.Classes;

    /// <summary>Opens the recogniser of a row.</summary>
    /// <param name="report">The comparison.</param>
    /// <param name="row">The row; null for STDHA.</param>
    /// <param name="seed">The run's seed.</param>
    public static FirstLightCam Open(FirstLightReport report, FirstLightRow? row = null, int seed = 0)
    {
        ArgumentNullException.ThrowIfNull(report);
        FirstLightRun run = report.Of(row ?? FirstLightRow.Stdha).FirstOrDefault(item => item.Seed == seed)
            ?? throw new CamException($"The comparison has no run of seed {seed}; it has {string.Join(", ", report.Runs.Select(item => item.Seed).Distinct())}.");
        VideoRecognizer model = VideoRecognizer.Open(Path.Combine(run.Folder, "model.safetensors"));
        VisionTransformer? image = null;
        try
        {
            image = new VisionTransformer(report.Options.ImageModel.Backbone);
            using (WeightSet weights = WeightFile.Read(report.ImageModel.Path))
                image.Load(weights);
            model.to(ComputeDevice.Chosen);
            image.to(ComputeDevice.Chosen);
            return new FirstLightCam(report, run, model, image, MicroSsv2.Ensure(report.Options.Data, report.Options.Size));
        }
        catch
        {
            image?.Dispose();
            model.Dispose();
            throw;
        }
    }

    /// <summary>Looks at a test clip: all layers and methods, for its class and for its class less the time reversal.</summary>
    /// <param name="className">The class.</param>
    /// <param name="number">Which of the class's test clips, from 0.</param>
    /// <exception cref="CamException">There is no such class or clip.</exception>
    public CamLook Look(string className, int number = 0)
    {
        int label = MicroSsv2.Classes.Index().Where(item => item.Item == className).Select(item => item.Index).DefaultIfEmpty(-1).First();
        if (label < 0)
            throw new CamException($"There is no class '{className}'; there are {string.Join(", ", MicroSsv2.Classes)}.");
        int[] clips = [.. _test.List.Clips.Index().Where(item => item.Item.Label == label).Select(item => item.Index)];
        return number >= 0 && number < clips.Length
            ? Look($"{className}, test clip {number}", CamClip.Of(_test, clips[number], _sampling), true, [CamScore.Of(label), CamScore.Difference(label, MicroSsv2.ReversedClass[label])])
            : throw new CamException($"'{className}' has {clips.Length} test clips; there is no number {number}.");
    }

    /// <summary>Looks at any video file, for the class that the recogniser finds likeliest.</summary>
    /// <param name="path">The file.</param>
    /// <param name="synthetic">Whether it was made by a program.</param>
    /// <exception cref="CamException">The video is too short.</exception>
    public CamLook LookAt(string path, bool synthetic = false) =>
        Look(Path.GetFileName(path), CamClip.Read(path, _model.Options.Backbone.Resolution, _sampling), synthetic, [CamScore.Predicted]);

    /// <summary>Whether maps show what the recogniser uses, over test clips.</summary>
    /// <param name="method">How they are made.</param>
    /// <param name="every">Every so manieth test clip.</param>
    /// <param name="only">The groups of heads; null for all that the last layer has.</param>
    public FaithfulnessStudy Study(CamMethod method, int every = 6, params IReadOnlyList<HeadGroup>? only) =>
        FaithfulnessStudy.Run(_model, _test, _truth, _sampling, method, every, steps: 7, only: only is { Count: > 0 } ? only : null);

    /// <summary>What becomes of maps when the parameters are exchanged for random ones.</summary>
    /// <param name="method">How they are made.</param>
    /// <param name="clips">Number of test clips, spread over the list.</param>
    /// <returns>For each group of heads the checks of the clips.</returns>
    public IReadOnlyList<(HeadGroup Group, IReadOnlyList<RandomizedParameters> Clips)> Randomize(CamMethod method, int clips = 4)
    {
        using var scope = NewDisposeScope();
        int step = Math.Max(1, _test.List.Clips.Count / clips);
        Tensor[] inputs = [.. Enumerable.Range(0, clips).Select(i => CamClip.Of(_test, i * step % _test.List.Clips.Count, _sampling).ToTensor())];
        IReadOnlyList<HeadGroup> groups = HeadGroup.Of(CamSubject.Of(_model).Offsets(_model.Options.Backbone.Layers - 1));
        return [.. groups.Select(group => (group, (IReadOnlyList<RandomizedParameters>)
            [.. inputs.Select((input, seed) => RandomizedParameters.Of(_model, input, new CamOptions { Methods = [method] }, group, seed))]))];
    }

    /// <summary>Writes a sheet to a folder of figures, with its provenance.</summary>
    /// <param name="sheet">The sheet.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="name">The figure's name.</param>
    /// <param name="title">What it shows.</param>
    public SavedFigure Save(SvgDrawing sheet, string folder, string name, string title) => StaticFigure.Save(
        sheet, folder,
        // Another size or seed must not take the place of the figure that is kept.
        _report.Options.Size == MicroSize.Small && _run.Seed == 0 ? name : $"{name}-{_report.Options.Size.ToString().ToLowerInvariant()}-seed{_run.Seed}",
        title,
        Provenance.Collect(_model.Options, [_run.Seed], [DataSource.FromManifest(_test.List.Name, Path.Combine(MicroSsv2.Folder(_report.Options.Data, _report.Options.Size), "manifest.json"), synthetic: true)], [Path.GetFileName(_run.Folder)]),
        pixelRatio: 1);

    /// <inheritdoc/>
    public void Dispose()
    {
        _directions.Dispose();
        _image.Dispose();
        _model.Dispose();
    }

    private CamLook Look(string title, CamClip clip, bool synthetic, IReadOnlyList<CamScore> scores) => CamLook.At(
        title, clip, synthetic,
        [
            CamNamedSubject.Of(_model, MicroSsv2.Classes),
            new("image model", CamSubject.FrameByFrame(_image, _directions), MicroSsv2.Classes, "means of classes; a scale of its own"),
        ],
        new CamOptions { Methods = CamMethod.Every, Layers = [.. Enumerable.Range(0, _model.Options.Backbone.Layers)], Scores = scores });
}
