using System.Globalization;
using FFMpegCore.Arguments;

namespace FFMpegCore;

/// <summary>Options that stand before everything else.</summary>
public sealed class FFMpegGlobalArguments : FFMpegArgumentsBase
{
    internal FFMpegGlobalArguments()
    {
    }

    /// <summary>How much ffmpeg says.</summary>
    public FFMpegGlobalArguments WithVerbosityLevel(VerbosityLevel verbosityLevel = VerbosityLevel.Error)
    {
        Parts.Add(new Option(string.Create(CultureInfo.InvariantCulture, $"-v {(int)verbosityLevel}")));
        return this;
    }
}
