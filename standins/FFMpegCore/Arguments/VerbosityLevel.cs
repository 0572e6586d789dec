namespace FFMpegCore.Arguments;

/// <summary>ffmpeg's numeric log levels, used in its global options.</summary>
public enum VerbosityLevel
{
    Quiet = -8,
    Fatal = 8,
    Error = 16,
    Warning = 24,
    Info = 32,
    Verbose = 40,
    Debug = 48,
    Trace = 56,
}
