namespace ZeroI2V.Lab.VideoData.DataSets;

/// <summary>A video that the annotations name.</summary>
/// <param name="Path">Where it lies by the official layout, with forward slashes and the published extension.</param>
/// <param name="Label">Class number, from 0; -1 where the annotations give none (test sets).</param>
/// <param name="Where">File and line of the annotation.</param>
public sealed record AnnotatedVideo(string Path, int Label, string Where)
{
    /// <summary>The path without folder and extension: what a video is known by in other layouts.</summary>
    public string Stem => System.IO.Path.GetFileNameWithoutExtension(Path);

    /// <summary>Further stems that people use for the same video, such as a YouTube id without its seconds.</summary>
    public IReadOnlyList<string> OtherStems { get; init; } = [];
}
