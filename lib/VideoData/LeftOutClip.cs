namespace ZeroI2V.Lab.VideoData;

/// <summary>A video of a data set that cannot be used.</summary>
/// <param name="Path">The file, relative to the list's root, with forward slashes.</param>
/// <param name="Label">Class number, from 0.</param>
/// <param name="Status">Why, in a word, such as <c>missing</c>.</param>
/// <param name="Problem">Why, in a sentence.</param>
public sealed record LeftOutClip(string Path, int Label, string Status, string Problem);
