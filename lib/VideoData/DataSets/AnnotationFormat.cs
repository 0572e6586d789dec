namespace ZeroI2V.Lab.VideoData.DataSets;

/// <summary>The form in which a data set's official annotations come.</summary>
public enum AnnotationFormat
{
    /// <summary>Kinetics: CSV files with label, id, start and end.</summary>
    Kinetics,

    /// <summary>Something-Something V2: JSON files with templates.</summary>
    Something,

    /// <summary>UCF101: a class index, and lists of three splits.</summary>
    Ucf,

    /// <summary>HMDB51: a file for each class and split, with flags.</summary>
    Hmdb,
}
