namespace ZeroI2V.Lab.Evaluation;

/// <summary>The classes of a data set as evaluation sees them: names, groups and time-reversed partners.</summary>
public sealed record ClassTable
{
    /// <summary>Makes a table of classes.</summary>
    /// <param name="names">One name a class.</param>
    /// <param name="groups">One group a class ("" for none); null puts no class in a group.</param>
    /// <param name="reversed">The index of each class's time-reversed partner, -1 for none; null gives no class a partner.</param>
    /// <exception cref="ArgumentException">The lists differ in length, or a partner is not mutual.</exception>
    public ClassTable(IReadOnlyList<string> names, IReadOnlyList<string>? groups = null, IReadOnlyList<int>? reversed = null)
    {
        ArgumentNullException.ThrowIfNull(names);
        if (names.Count < 2)
            throw new ArgumentException($"There must be at least 2 classes; found {names.Count}. Check the class list.", nameof(names));
        groups ??= [.. names.Select(_ => "")];
        reversed ??= [.. names.Select(_ => -1)];
        if (groups.Count != names.Count)
            throw new ArgumentException($"There must be one group a class ({names.Count}); found {groups.Count}. Use \"\" for a class without a group.", nameof(groups));
        if (reversed.Count != names.Count)
            throw new ArgumentException($"There must be one time-reversed partner a class ({names.Count}); found {reversed.Count}. Use -1 for a class without one.", nameof(reversed));
        for (int c = 0; c < reversed.Count; c++)
        {
            int partner = reversed[c];
            if (partner == -1)
                continue;
            if (partner < 0 || partner >= names.Count || partner == c || reversed[partner] != c)
                throw new ArgumentException($"Time-reversed partners must point at each other; class {c} ('{names[c]}') points at {partner}, which does not point back. Correct the pair.", nameof(reversed));
        }
        Names = names;
        Groups = groups;
        Reversed = reversed;
    }

    /// <summary>One name a class.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>One group a class, "" for none.</summary>
    public IReadOnlyList<string> Groups { get; }

    /// <summary>The index of each class's time-reversed partner, -1 for none.</summary>
    public IReadOnlyList<int> Reversed { get; }

    /// <summary>How many classes there are (K).</summary>
    public int Count => Names.Count;
}
