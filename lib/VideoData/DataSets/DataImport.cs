using System.Globalization;

namespace ZeroI2V.Lab.VideoData.DataSets;

/// <summary>Turns a public data set on disk into the lists that training and evaluation use: reads the official annotations,
/// examines every video, and reports all that is wrong without stopping at the first.</summary>
public static class DataImport
{
    /// <summary>Name of the training list in the output folder.</summary>
    public const string TrainList = "train.json";

    /// <summary>Name of the validation list in the output folder.</summary>
    public const string ValidationList = "validation.json";

    /// <summary>Imports a data set. One that was stopped goes on; one that is repeated examines only new and changed files.</summary>
    /// <param name="options">What, from where.</param>
    /// <param name="progress">Told after each video, from any thread.</param>
    /// <param name="cancellationToken">Stops it; what was found out is kept.</param>
    /// <exception cref="InvalidDataException">An annotation file or folder is missing or not of its form.</exception>
    /// <exception cref="IOException">A list cannot be written; the old one is unchanged.</exception>
    public static ImportResult Run(ImportOptions options, IProgress<ImportProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        Annotations annotations = Annotations.Read(options.Manifest, options.Annotations);
        var folder = new VideoFolder(options.Videos, options.Manifest.Extensions, cancellationToken);
        var problems = new List<DataProblem>(annotations.Problems);
        problems.AddRange(folder.Problems);

        Found[] train = Match(annotations.Train, folder, problems), validation = Match(annotations.Validation, folder, problems);
        Unexpected(annotations, [.. train, .. validation], folder, problems);
        Counts(options.Manifest, annotations, problems);

        string[] files = [.. train.Concat(validation).Select(found => found.File).OfType<string>().Distinct(StringComparer.Ordinal)];
        int examined;
        Dictionary<string, ProbedVideo> probed;
        using (var journal = new ProbeJournal(options.Output, folder.Root, options.Thorough))
        {
            string[] open = [.. files.Where(file => journal.Find(file) is null)];
            examined = open.Length;
            Examination.ForEach(options.Workers, open, file => journal.Add(ProbedVideo.Examine(folder.Root, file, options.Thorough)), progress, cancellationToken);
            probed = files.ToDictionary(file => file, file => journal.Find(file)!, StringComparer.Ordinal);
        }

        ClipList trainList = List("train", train), validationList = List("validation", validation);
        trainList.Save(Path.Combine(options.Output, TrainList));
        validationList.Save(Path.Combine(options.Output, ValidationList));
        ProblemTable.Save(problems, Path.Combine(options.Output, ProblemTable.FileName));
        return new ImportResult(trainList, validationList, problems, examined);

        ClipList List(string role, Found[] videos)
        {
            var clips = new List<ClipRecord>();
            var leftOut = new List<LeftOutClip>();
            foreach ((AnnotatedVideo video, string? file) in videos)
            {
                if (file is null)
                {
                    leftOut.Add(new LeftOutClip(video.Path, video.Label, "missing", "It is not on disk."));
                    continue;
                }
                ProbedVideo known = probed[file];
                DataProblem? problem = known.Problem.Length > 0 || known.Frames == 0
                    ? new DataProblem(ProblemKind.Unreadable, file, video.Where, known.Problem.Length > 0 ? known.Problem : "Decoding gives no frame.")
                    : known.Frames < options.LeastFrames
                        ? new DataProblem(ProblemKind.TooShort, file, video.Where, string.Create(CultureInfo.InvariantCulture, $"It has {known.Frames} frames; expected at least {options.LeastFrames}."))
                        : null;
                if (problem is not null)
                {
                    problems.Add(problem);
                    leftOut.Add(new LeftOutClip(file, video.Label, problem.Kind == ProblemKind.TooShort ? "too short" : "unreadable", problem.Detail));
                    continue;
                }
                clips.Add(new ClipRecord
                {
                    Path = file,
                    Label = video.Label,
                    Frames = known.Frames,
                    Width = known.Width,
                    Height = known.Height,
                    FramesPerSecond = known.FramesPerSecond,
                });
            }
            return new ClipList
            {
                Name = $"{options.Manifest.Name} {role}",
                Synthetic = false,
                Classes = annotations.Classes,
                ClassGroups = [.. annotations.Classes.Select(_ => "")],
                ReversedClass = [.. annotations.Classes.Select(_ => -1)],
                Clips = clips,
                LeftOut = leftOut,
                Videos = folder.Root,
                Root = folder.Root,
            };
        }
    }

    private static Found[] Match(IReadOnlyList<AnnotatedVideo> videos, VideoFolder folder, List<DataProblem> problems)
    {
        var taken = new Dictionary<string, string>(StringComparer.Ordinal);
        var found = new List<Found>();
        foreach (AnnotatedVideo video in videos)
        {
            IReadOnlyList<string> files = folder.Find(video);
            string? file = files.Count > 0 ? files[0] : null;
            if (file is null)
                problems.Add(new DataProblem(ProblemKind.Missing, video.Path, video.Where, "It is not on disk."));
            else if (!taken.TryAdd(file, video.Where))
            {
                problems.Add(new DataProblem(ProblemKind.Duplicate, file, video.Where, $"The annotations name this file twice; {taken[file]} counts."));
                continue;
            }
            if (files.Count > 1)
                problems.Add(new DataProblem(ProblemKind.Duplicate, files[1], video.Where, $"It lies on disk {files.Count} times; '{file}' is used."));
            found.Add(new Found(video, file));
        }
        return [.. found];
    }

    private static void Unexpected(Annotations annotations, Found[] found, VideoFolder folder, List<DataProblem> problems)
    {
        var known = found.Select(f => f.File).OfType<string>().ToHashSet(StringComparer.Ordinal);
        known.UnionWith(annotations.Others.SelectMany(folder.Find));
        known.UnionWith(found.Where(f => f.File is not null).SelectMany(f => folder.Find(f.Video)));
        foreach (string path in folder.Paths.Where(path => !known.Contains(path)).Order(StringComparer.Ordinal))
        {
            problems.Add(new DataProblem(
                ProblemKind.Unexpected, path, "", folder.IsVideo(path) ? "No annotation names this video; it is not used." : "This is no video of the data set; it is not used."));
        }
    }

    private static void Counts(DataSetManifest manifest, Annotations annotations, List<DataProblem> problems)
    {
        Compare("classes", annotations.Classes.Count, manifest.Classes);
        Compare("training videos", annotations.Train.Count, manifest.Videos["train"]);
        Compare("validation videos", annotations.Validation.Count, manifest.Videos["validation"]);

        void Compare(string what, int count, int published)
        {
            if (count != published)
                problems.Add(new DataProblem(ProblemKind.Count, what, "", string.Create(CultureInfo.InvariantCulture, $"The annotations have {count}; published are {published}.")));
        }
    }

    private sealed record Found(AnnotatedVideo Video, string? File);
}
