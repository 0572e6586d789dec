using FFMpegCore.Arguments;
using FFMpegCore.Pipes;

namespace FFMpegCore;

/// <summary>Several outputs of one run, each with options of its own.</summary>
public class FFMpegMultiOutputOptions
{
    public FFMpegMultiOutputOptions()
    {
    }

    internal List<IPart> Parts { get; } = [];

    /// <summary>Writes a file.</summary>
    public FFMpegMultiOutputOptions OutputToFile(string file, bool overwrite = true, Action<FFMpegArgumentOptions>? addArguments = null) =>
        Add(new FileOutput(file, overwrite), addArguments);

    /// <summary>Writes to memory.</summary>
    public FFMpegMultiOutputOptions OutputToPipe(IPipeSink reader, Action<FFMpegArgumentOptions>? addArguments = null) =>
        Add(new PipeOutput(reader), addArguments);

    private FFMpegMultiOutputOptions Add(IEndPoint endPoint, Action<FFMpegArgumentOptions>? addArguments)
    {
        var options = new FFMpegArgumentOptions();
        addArguments?.Invoke(options);
        Parts.AddRange(options.Parts);
        Parts.Add(endPoint);
        return this;
    }
}
