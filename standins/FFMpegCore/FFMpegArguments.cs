using FFMpegCore.Arguments;
using FFMpegCore.Pipes;

namespace FFMpegCore;

/// <summary>ffmpeg's command line, from inputs to outputs.</summary>
public sealed class FFMpegArguments : FFMpegArgumentsBase
{
    private readonly FFMpegGlobalArguments _global = new();

    private FFMpegArguments()
    {
    }

    /// <summary>The command line.</summary>
    public string Text => string.Join(' ', _global.Parts.Concat(Parts).Select(part => part.Text));

    /// <summary>Starts with an input file.</summary>
    public static FFMpegArguments FromFileInput(string filePath, bool verifyExists = true, Action<FFMpegArgumentOptions>? addArguments = null) =>
        new FFMpegArguments().AddFileInput(filePath, verifyExists, addArguments);

    /// <summary>Starts with an input from memory.</summary>
    public static FFMpegArguments FromPipeInput(IPipeSource sourcePipe, Action<FFMpegArgumentOptions>? addArguments = null) =>
        new FFMpegArguments().AddPipeInput(sourcePipe, addArguments);

    /// <summary>Options that stand before everything else.</summary>
    public FFMpegArguments WithGlobalOptions(Action<FFMpegGlobalArguments> configureOptions)
    {
        configureOptions(_global);
        return this;
    }

    /// <summary>A further input file.</summary>
    public FFMpegArguments AddFileInput(string filePath, bool verifyExists = true, Action<FFMpegArgumentOptions>? addArguments = null) =>
        Add(new FileInput(filePath, verifyExists), addArguments);

    /// <summary>A further input from memory.</summary>
    public FFMpegArguments AddPipeInput(IPipeSource sourcePipe, Action<FFMpegArgumentOptions>? addArguments = null) =>
        Add(new PipeInput(sourcePipe), addArguments);

    /// <summary>Writes a file.</summary>
    public FFMpegArgumentProcessor OutputToFile(string file, bool overwrite = true, Action<FFMpegArgumentOptions>? addArguments = null) =>
        new(Add(new FileOutput(file, overwrite), addArguments));

    /// <summary>Writes to memory.</summary>
    public FFMpegArgumentProcessor OutputToPipe(IPipeSink reader, Action<FFMpegArgumentOptions>? addArguments = null) =>
        new(Add(new PipeOutput(reader), addArguments));

    /// <summary>Writes several outputs in one run.</summary>
    public FFMpegArgumentProcessor MultiOutput(Action<FFMpegMultiOutputOptions> addOutputs)
    {
        var outputs = new FFMpegMultiOutputOptions();
        addOutputs(outputs);
        Parts.AddRange(outputs.Parts);
        return new FFMpegArgumentProcessor(this);
    }

    private FFMpegArguments Add(IEndPoint endPoint, Action<FFMpegArgumentOptions>? addArguments)
    {
        var options = new FFMpegArgumentOptions();
        addArguments?.Invoke(options);
        Parts.AddRange(options.Parts);
        Parts.Add(endPoint);
        return this;
    }
}
