namespace ZeroI2V.Lab.Checkpoints;

/// <summary>A weight file is not what it should be. The message says what was expected, what was found and what to do.</summary>
public sealed class CheckpointException : Exception
{
    /// <summary>An error without a cause of its own.</summary>
    /// <param name="fault">What is wrong, out of a closed list.</param>
    /// <param name="message">Expected, found, remedy.</param>
    public CheckpointException(CheckpointFault fault, string message)
        : base(message) => Fault = fault;

    /// <summary>An error that another one caused.</summary>
    /// <param name="fault">What is wrong, out of a closed list.</param>
    /// <param name="message">Expected, found, remedy.</param>
    /// <param name="cause">The error underneath.</param>
    public CheckpointException(CheckpointFault fault, string message, Exception cause)
        : base(message, cause) => Fault = fault;

    /// <summary>What is wrong.</summary>
    public CheckpointFault Fault { get; }
}

/// <summary>Everything that a reader of weight files can object to. The list is closed: there is a test for each.</summary>
public enum CheckpointFault
{
    /// <summary>The file ends before what it announces.</summary>
    Truncated,

    /// <summary>A header, directory or pickle claims more than the reader's bounds or the file's own size.</summary>
    TooLarge,

    /// <summary>A header that cannot be parsed, or says what its format does not allow.</summary>
    Malformed,

    /// <summary>One name stands for two things.</summary>
    DuplicateName,

    /// <summary>An element type that the lab cannot hold.</summary>
    ElementType,

    /// <summary>Shape, element type and number of bytes contradict one another.</summary>
    Size,

    /// <summary>Bytes overlap, leave a gap, or lie outside the file or the storage.</summary>
    Offsets,

    /// <summary>The file is in none of the formats that the lab reads.</summary>
    Format,

    /// <summary>An archive lacks an entry that its index names.</summary>
    EntryMissing,

    /// <summary>A pickle instruction that weight files do not use.</summary>
    Instruction,

    /// <summary>A pickle names a class or function outside the closed list of those that weights need.</summary>
    ForeignClass,

    /// <summary>The file is sound but holds no weights.</summary>
    NoWeights,

    /// <summary>Keys are missing, unexpected or of another shape than the model's.</summary>
    Keys,
}
