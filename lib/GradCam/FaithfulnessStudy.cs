using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.VideoData;
using ZeroI2V.Lab.VideoData.MicroWorld;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.GradCam;

/// <summary>How true the maps of one group of heads are, over many clips.</summary>
/// <param name="Group">The heads; null for maps of random numbers, which know nothing.</param>
/// <param name="Pointing">Held against where the objects are.</param>
/// <param name="DeletionArea">Mean area under the deletion curve; lower is better.</param>
/// <param name="InsertionArea">Mean area under the insertion curve; higher is better.</param>
public sealed record FaithfulnessRow(HeadGroup? Group, Pointing Pointing, double DeletionArea, double InsertionArea);

/// <summary>Asks over clips whose objects' places are known whether maps show what the model uses.</summary>
public sealed record FaithfulnessStudy
{
    /// <summary>A row for each group of heads of the last layer, and one for random maps.</summary>
    public required IReadOnlyList<FaithfulnessRow> Rows { get; init; }

    /// <summary>Clips that were asked.</summary>
    public required int Clips { get; init; }

    /// <summary>How the maps were made.</summary>
    public required CamMethod Method { get; init; }

    /// <summary>Runs the study; each clip is explained for its true class.</summary>
    /// <param name="model">The recogniser.</param>
    /// <param name="clips">Test clips of MicroSSv2.</param>
    /// <param name="truth">Where their objects are (<see cref="MicroTruth.Read"/>).</param>
    /// <param name="sampling">Which frames the model sees.</param>
    /// <param name="method">How the maps are made.</param>
    /// <param name="every">Every so manieth clip of the list.</param>
    /// <param name="steps">Steps of deletion and insertion.</param>
    /// <param name="only">The groups of heads; null for all that the last layer has.</param>
    /// <param name="progress">Told after each clip: how many of how many.</param>
    /// <param name="cancellationToken">Stops it between clips.</param>
    /// <exception cref="CamException">The truth is of other clips.</exception>
    public static FaithfulnessStudy Run(
        VideoRecognizer model, DecodedClips clips, IReadOnlyList<ClipTruth> truth, FrameSampling sampling, CamMethod method, int every = 1, int steps = 12,
        IReadOnlyList<HeadGroup>? only = null, IProgress<(int Done, int Of)>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(clips);
        ArgumentNullException.ThrowIfNull(truth);
        ArgumentOutOfRangeException.ThrowIfLessThan(every, 1);
        Dictionary<string, ClipTruth> places = truth.ToDictionary(clip => clip.Path);
        CamSubject subject = CamSubject.Of(model);
        VitOptions vit = model.Options.Backbone;
        IReadOnlyList<HeadGroup> groups = only ?? HeadGroup.Of(subject.Offsets(vit.Layers - 1));
        var pointing = new List<Pointing>[groups.Count + 1];
        var areas = new (double Deletion, double Insertion)[groups.Count + 1];
        for (int i = 0; i < pointing.Length; i++)
            pointing[i] = [];
        int[] asked = [.. Enumerable.Range(0, (clips.List.Clips.Count + every - 1) / every).Select(i => i * every)];
        var random = new Random(0);
        for (int i = 0; i < asked.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            ClipRecord record = clips.List.Clips[asked[i]];
            if (!places.TryGetValue(record.Path, out ClipTruth? place))
                throw new CamException($"The truth says nothing of '{record.Path}'. Read the truth of the same split.");
            CamClip clip = CamClip.Of(clips, asked[i], sampling);
            Tensor input = clip.ToTensor();
            LayerMaps maps = ClassActivation.Explain(subject, input, new CamOptions { Methods = [method], Scores = [CamScore.Of(record.Label)] })[0].Maps[0];
            ObjectMask mask = ObjectMask.Of(place, clip.FrameNumbers, MicroSsv2.FrameSize, vit.Resolution / vit.PatchSize, wraps: MicroSsv2.Wraps(record.Label));
            for (int row = 0; row < pointing.Length; row++)
            {
                CamMap map = row < groups.Count ? maps.Map(groups[row]) : Noise(maps.Map(HeadGroup.All), random);
                pointing[row].Add(Pointing.Of(map, mask));
                var curves = DeletionInsertion.Of(subject, input, map, record.Label, steps);
                areas[row] = (areas[row].Deletion + curves.DeletionArea / asked.Length, areas[row].Insertion + curves.InsertionArea / asked.Length);
            }
            progress?.Report((i + 1, asked.Length));
        }
        return new FaithfulnessStudy
        {
            Clips = asked.Length,
            Method = method,
            Rows = [.. pointing.Select((found, row) => new FaithfulnessRow(row < groups.Count ? groups[row] : null, Pointing.Together(found), areas[row].Deletion, areas[row].Insertion))],
        };
    }

    private static CamMap Noise(CamMap like, Random random) => new([.. like.Values.Select(_ => random.NextSingle())], like.Frames, like.Rows, like.Columns);
}
