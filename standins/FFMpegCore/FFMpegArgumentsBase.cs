using FFMpegCore.Arguments;

namespace FFMpegCore;

/// <summary>A list of command line pieces.</summary>
public abstract class FFMpegArgumentsBase
{
    protected FFMpegArgumentsBase()
    {
    }

    internal List<IPart> Parts { get; } = [];
}
