namespace ZeroI2V.Lab.VideoData.DataSets;

/// <summary>What can be wrong with a video or with the line that names it.</summary>
public enum ProblemKind
{
    /// <summary>The annotations name it; it is not on disk.</summary>
    Missing,

    /// <summary>It cannot be decoded.</summary>
    Unreadable,

    /// <summary>It has too few frames.</summary>
    TooShort,

    /// <summary>It is annotated twice, or lies on disk twice.</summary>
    Duplicate,

    /// <summary>It lies on disk; the annotations do not name it.</summary>
    Unexpected,

    /// <summary>The line is not of the file's form.</summary>
    MalformedLine,

    /// <summary>The line names a class that there is not.</summary>
    UnknownLabel,

    /// <summary>The line names a file outside the video folder.</summary>
    UnsafePath,

    /// <summary>Folders on disk link back to themselves.</summary>
    LinkLoop,

    /// <summary>There are fewer or more of something than were published.</summary>
    Count,

    /// <summary>A video is not what its list says.</summary>
    Changed,
}

/// <summary>Something wrong with a data set; a row of the one table that import and check show.</summary>
/// <param name="Kind">What kind.</param>
/// <param name="Path">The video or folder; a line's text where that is what is wrong.</param>
/// <param name="Where">File and line of the annotation, or list; empty where there is none.</param>
/// <param name="Detail">What is wrong, in a sentence.</param>
public sealed record DataProblem(ProblemKind Kind, string Path, string Where, string Detail);
