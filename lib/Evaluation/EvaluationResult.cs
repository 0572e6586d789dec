namespace ZeroI2V.Lab.Evaluation;

/// <summary>Accuracies over the clips of one group of classes. All are fractions of clips, in [0, 1].</summary>
/// <param name="Name">The group; <see cref="AllClasses"/> for all clips.</param>
/// <param name="Clips">Clips counted.</param>
/// <param name="Top1">Share whose true class has the highest score of all K classes.</param>
/// <param name="Top5">Share whose true class is among the five highest scores of all K classes.</param>
/// <param name="MeanClassAccuracy">Mean over the group's classes of their top-1.</param>
/// <param name="PairAccuracy">
/// Share, of the clips whose class has a time-reversed partner, whose true class scores higher than the partner;
/// chance is one half. Null where no class has one.
/// </param>
public sealed record GroupScore(string Name, int Clips, double Top1, double Top5, double MeanClassAccuracy, double? PairAccuracy)
{
    /// <summary>The name of the score over all clips.</summary>
    public const string AllClasses = "all";
}

/// <summary>One class's line in the table.</summary>
/// <param name="Class">The class's index.</param>
/// <param name="Name">The class's name.</param>
/// <param name="Group">The class's group, "" for none.</param>
/// <param name="Clips">Test clips of this class.</param>
/// <param name="Top1">Share of them with the highest score for this class; null without clips.</param>
/// <param name="PairAccuracy">Share of them that score higher for this class than for its time-reversed partner; null without clips or partner.</param>
/// <param name="Confusion">The wrong class they are taken for most often (the first one at a tie); null where none is wrong.</param>
/// <param name="ConfusionClips">How many are taken for it.</param>
public sealed record ClassScore(int Class, string Name, string Group, int Clips, double? Top1, double? PairAccuracy, string? Confusion, int ConfusionClips);

/// <summary>
/// What a model scores on test clips. A tie between the true class and another counts as a miss
/// (<see cref="ClipScores.IsAmongTop"/>); the confusion matrix takes the first of equally high classes.
/// </summary>
public sealed record EvaluationResult
{
    /// <summary>Test clips.</summary>
    public required int Clips { get; init; }

    /// <summary>All clips together.</summary>
    public required GroupScore Overall { get; init; }

    /// <summary>One score a named group, in the order in which classes name them.</summary>
    public required IReadOnlyList<GroupScore> Groups { get; init; }

    /// <summary>One line a class.</summary>
    public required IReadOnlyList<ClassScore> Classes { get; init; }

    /// <summary>Clips by true class (row) and predicted class (column).</summary>
    public required IReadOnlyList<IReadOnlyList<int>> Confusion { get; init; }

    /// <summary>The score of a group.</summary>
    /// <param name="name">The group's name.</param>
    /// <returns>Its score.</returns>
    /// <exception cref="ArgumentException">There is no such group.</exception>
    public GroupScore Group(string name) => Groups.FirstOrDefault(g => g.Name == name)
        ?? throw new ArgumentException($"The group must be one of {string.Join(", ", Groups.Select(g => $"'{g.Name}'"))}; found '{name}'.", nameof(name));

    /// <summary>The numbers that a line of metrics keeps: top1, top5, meanClass, pair, and top1 and pair of every group.</summary>
    /// <returns>Fractions by name.</returns>
    public IReadOnlyDictionary<string, double> Summary()
    {
        var numbers = new Dictionary<string, double>
        {
            ["top1"] = Overall.Top1,
            ["top5"] = Overall.Top5,
            ["meanClass"] = Overall.MeanClassAccuracy,
        };
        if (Overall.PairAccuracy is double pair)
            numbers["pair"] = pair;
        foreach (GroupScore group in Groups)
        {
            numbers[$"{group.Name}.top1"] = group.Top1;
            if (group.PairAccuracy is double groupPair)
                numbers[$"{group.Name}.pair"] = groupPair;
        }
        return numbers;
    }

    /// <summary>How many clips a number of <see cref="Summary"/> is a share of: pair accuracy, those whose class has a partner.</summary>
    /// <param name="metric">The number's name.</param>
    /// <returns>The clips; null where there is no such number.</returns>
    public int? ClipsOf(string metric)
    {
        ArgumentNullException.ThrowIfNull(metric);
        string name = metric[(metric.IndexOf('.', StringComparison.Ordinal) + 1)..];
        bool ofAll = name.Length == metric.Length;
        GroupScore? group = ofAll ? Overall : Groups.FirstOrDefault(g => metric == $"{g.Name}.{name}");
        if (name != "pair" || group is null)
            return group?.Clips;
        int paired = Classes.Where(c => c.PairAccuracy is not null && (ofAll || c.Group == group.Name)).Sum(c => c.Clips);
        return paired > 0 ? paired : null;
    }

    /// <summary>Counts what the scores say.</summary>
    /// <param name="scores">The scores of every test clip.</param>
    /// <param name="classes">The classes.</param>
    /// <returns>The result.</returns>
    /// <exception cref="ArgumentException">Scores and classes differ in number.</exception>
    public static EvaluationResult From(ClipScores scores, ClassTable classes)
    {
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentNullException.ThrowIfNull(classes);
        if (scores.Classes != classes.Count)
            throw new ArgumentException($"There must be one score for each of the {classes.Count} classes; found {scores.Classes}. Use the class list that the model was trained with.", nameof(scores));

        int[][] confusion = [.. classes.Names.Select(_ => new int[classes.Count])];
        var byClass = new List<int>[classes.Count];
        for (int c = 0; c < classes.Count; c++)
            byClass[c] = [];
        for (int i = 0; i < scores.Count; i++)
        {
            byClass[scores.Label(i)].Add(i);
            confusion[scores.Label(i)][scores.Predicted(i)]++;
        }

        int[] all = [.. Enumerable.Range(0, classes.Count)];
        return new EvaluationResult
        {
            Clips = scores.Count,
            Overall = Score(GroupScore.AllClasses, all)!,
            Groups = [.. classes.Groups.Where(g => g.Length > 0).Distinct()
                .Select(g => Score(g, [.. all.Where(c => classes.Groups[c] == g)]))
                .OfType<GroupScore>()],
            Classes = [.. all.Select(Line)],
            Confusion = confusion,
        };

        // Null where the test list has no clip of the group.
        GroupScore? Score(string name, int[] members)
        {
            int[] clips = [.. members.SelectMany(c => byClass[c])];
            if (clips.Length == 0)
                return null;
            return new GroupScore(
                name,
                clips.Length,
                clips.Average(i => Share(scores.IsAmongTop(i, 1))),
                clips.Average(i => Share(scores.IsAmongTop(i, 5))),
                members.Where(c => byClass[c].Count > 0).Average(c => byClass[c].Average(i => Share(scores.IsAmongTop(i, 1)))),
                Pair(clips));
        }

        double? Pair(IEnumerable<int> clips) => Mean(clips
            .Where(i => classes.Reversed[scores.Label(i)] >= 0)
            .Select(i => Share(scores.Beats(i, classes.Reversed[scores.Label(i)]))));

        ClassScore Line(int c)
        {
            int worst = -1;
            for (int other = 0; other < classes.Count; other++)
            {
                if (other != c && confusion[c][other] > (worst < 0 ? 0 : confusion[c][worst]))
                    worst = other;
            }
            return new ClassScore(
                c,
                classes.Names[c],
                classes.Groups[c],
                byClass[c].Count,
                Mean(byClass[c].Select(i => Share(scores.IsAmongTop(i, 1)))),
                Pair(byClass[c]),
                worst < 0 ? null : classes.Names[worst],
                worst < 0 ? 0 : confusion[c][worst]);
        }
    }

    private static double Share(bool right) => right ? 1 : 0;

    private static double? Mean(IEnumerable<double> values)
    {
        double[] list = [.. values];
        return list.Length == 0 ? null : list.Average();
    }
}
