namespace ZeroI2V.Lab.Ablations;

/// <summary>Which heads of a layer take the time offsets: what readers of the paper asked, whose code takes the lowest.</summary>
public enum HeadChoice
{
    /// <summary>The lowest, as published.</summary>
    Lowest,

    /// <summary>The highest.</summary>
    Highest,

    /// <summary>Any, drawn for each layer by the run's seed.</summary>
    Random,

    /// <summary>Those that the frozen image model needs least for this data (<see cref="HeadImportance"/>).</summary>
    LeastImportant,

    /// <summary>Those that it needs most.</summary>
    MostImportant,
}
