using FFMpegCore.Exceptions;

namespace FFMpegCore.Arguments;

/// <summary>An input file.</summary>
internal sealed record FileInput(string FilePath, bool VerifyExists) : IEndPoint
{
    public string Text => $"-i \"{FilePath}\"";

    public void Before()
    {
        if (VerifyExists && !File.Exists(FilePath))
            throw new FileNotFoundException("Input file not found", FilePath);
    }

    public Task DuringAsync(CancellationToken ended) => Task.CompletedTask;

    public void After()
    {
    }
}

/// <summary>An output file.</summary>
internal sealed record FileOutput(string FilePath, bool Overwrite) : IEndPoint
{
    public string Text => Overwrite ? $"\"{FilePath}\" -y" : $"\"{FilePath}\"";

    public void Before()
    {
        if (!Overwrite && File.Exists(FilePath))
            throw new FFMpegException(FFMpegExceptionType.File, "Output file already exists and overwrite is disabled");
    }

    public Task DuringAsync(CancellationToken ended) => Task.CompletedTask;

    public void After()
    {
    }
}
