using System.Net.Sockets;
using FFMpegCore.Pipes;

namespace FFMpegCore.Arguments;

/// <summary>A local socket that ffmpeg connects to (its <c>unix:</c> protocol).</summary>
internal abstract class PipeEndPoint : IEndPoint
{
    private readonly string _socketPath =
        Path.Combine(Path.GetTempPath(), $"CoreFxPipe_FFMpegCore_{Guid.NewGuid():N}"[..^16]);
    private Socket? _listener;

    public abstract string Text { get; }

    /// <summary>What ffmpeg is told to open.</summary>
    protected string PipePath => "unix:" + _socketPath;

    public void Before()
    {
        if (_listener is not null)
            throw new InvalidOperationException("Pipe already has been opened");
        _listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        _listener.Bind(new UnixDomainSocketEndPoint(_socketPath));
        _listener.Listen(1);
    }

    public async Task DuringAsync(CancellationToken ended)
    {
        using Socket? connection = await AcceptAsync(_listener!, ended).ConfigureAwait(false);
        if (connection is null)
            return;
        var stream = new NetworkStream(connection, ownsSocket: false);
        await using (stream.ConfigureAwait(false))
            await TransferAsync(stream, ended).ConfigureAwait(false);
    }

    public void After()
    {
        _listener?.Dispose();
        _listener = null;
        File.Delete(_socketPath);
    }

    /// <summary>Moves the bytes.</summary>
    protected abstract Task TransferAsync(Stream stream, CancellationToken ended);

    private static async Task<Socket?> AcceptAsync(Socket listener, CancellationToken ended)
    {
        try
        {
            return await listener.AcceptAsync(ended).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // ffmpeg has ended. A short output may still wait in the queue, whole.
            return listener.Poll(0, SelectMode.SelectRead) ? listener.Accept() : null;
        }
    }
}

/// <summary>Feeds ffmpeg from a source.</summary>
internal sealed class PipeInput(IPipeSource source) : PipeEndPoint
{
    public override string Text => $"{source.GetStreamArguments()} -i \"{PipePath}\"";

    protected override async Task TransferAsync(Stream stream, CancellationToken ended)
    {
        try
        {
            await source.WriteAsync(stream, ended).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // ffmpeg has ended and wants no more; its exit status says how.
        }
    }
}

/// <summary>Takes ffmpeg's output into a sink.</summary>
internal sealed class PipeOutput(IPipeSink sink) : PipeEndPoint
{
    public override string Text => $"\"{PipePath}\" -y";

    /// <summary>Reads to the end of the stream even where ffmpeg has ended: what it wrote last may still be on its way.</summary>
    protected override Task TransferAsync(Stream stream, CancellationToken ended) =>
        sink.ReadAsync(stream, CancellationToken.None);
}
