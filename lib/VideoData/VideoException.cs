namespace ZeroI2V.Lab.VideoData;

/// <summary>A video cannot be used: it is missing, damaged or has not the frames asked for. The message names the file.</summary>
public sealed class VideoException : Exception
{
    /// <summary>Names the file, what is wrong and what ffmpeg said.</summary>
    public VideoException(string path, string problem, string ffmpeg = "", Exception? innerException = null)
        : base(ffmpeg.Length == 0 ? $"{path}: {problem}" : $"{path}: {problem} ffmpeg said: {ffmpeg}", innerException)
    {
        Path = path;
        Problem = problem;
        Ffmpeg = ffmpeg;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>What is wrong, in a sentence.</summary>
    public string Problem { get; }

    /// <summary>What ffmpeg said, shortened; empty where it was not asked.</summary>
    public string Ffmpeg { get; }
}
