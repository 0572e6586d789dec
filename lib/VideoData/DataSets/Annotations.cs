namespace ZeroI2V.Lab.VideoData.DataSets;

/// <summary>What the official annotation files of a data set say.</summary>
/// <param name="Classes">Class names; a label is an index into this.</param>
/// <param name="Train">Training videos, in the files' order.</param>
/// <param name="Validation">Validation videos, in the files' order.</param>
/// <param name="Others">Videos that belong to the data set but not to this split, such as a test set without labels.</param>
/// <param name="Problems">Lines that were left out, and why.</param>
public sealed record Annotations(
    IReadOnlyList<string> Classes,
    IReadOnlyList<AnnotatedVideo> Train,
    IReadOnlyList<AnnotatedVideo> Validation,
    IReadOnlyList<AnnotatedVideo> Others,
    IReadOnlyList<DataProblem> Problems)
{
    /// <summary>Reads the official files of a data set.</summary>
    /// <param name="manifest">The data set.</param>
    /// <param name="folder">The folder of the annotation files.</param>
    /// <exception cref="InvalidDataException">A file is missing, too long, not UTF-8, or not of its form at all.</exception>
    public static Annotations Read(DataSetManifest manifest, string folder)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(folder);
        var files = new AnnotationFolder(manifest, folder);
        return manifest.Format switch
        {
            AnnotationFormat.Kinetics => KineticsAnnotations.Read(files),
            AnnotationFormat.Something => SomethingAnnotations.Read(files),
            AnnotationFormat.Ucf => UcfAnnotations.Read(files),
            AnnotationFormat.Hmdb => HmdbAnnotations.Read(files),
            _ => throw new ArgumentOutOfRangeException(nameof(manifest), manifest.Format, "There is no reader for this format."),
        };
    }
}
