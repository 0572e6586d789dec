namespace ZeroI2V.Lab.Notebooks;

/// <summary>What could stand at a place in a cell.</summary>
/// <param name="Start">Index of the first letter that it would take the place of.</param>
/// <param name="End">Index behind the last one.</param>
/// <param name="Items">The best first.</param>
public sealed record CellCompletions(int Start, int End, IReadOnlyList<CellCompletion> Items);

/// <summary>One of them.</summary>
/// <param name="Text">What would be written.</param>
/// <param name="Kind">Such as <c>Method</c>.</param>
public sealed record CellCompletion(string Text, string Kind);
