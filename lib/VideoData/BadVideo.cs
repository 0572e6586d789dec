namespace ZeroI2V.Lab.VideoData;

/// <summary>A video of a list that could not be used while loading.</summary>
/// <param name="Index">The clip's number in the list.</param>
/// <param name="Path">The file.</param>
/// <param name="Problem">What is wrong.</param>
public sealed record BadVideo(int Index, string Path, string Problem);
