using System.Runtime.InteropServices;

namespace ZeroI2V.Lab.Notebooks.Jupyter;

/// <summary>A bound ZeroMQ socket. Like every such socket it belongs to one thread.</summary>
internal sealed unsafe class ZmqSocket : IDisposable
{
    // Widgets aside, which the kernel does not have, no client sends a frame of this size.
    private const long MaxFrame = 64 << 20;
    private const int MaxFrames = 64;
    private const int LingerMilliseconds = 1000;

    /// <summary>Binds a socket.</summary>
    /// <param name="context">The library's context.</param>
    /// <param name="type">One of the types of <see cref="LibZmq"/>.</param>
    /// <param name="endpoint">Such as <c>tcp://127.0.0.1:50000</c>.</param>
    /// <exception cref="NotebookException">The address cannot be had.</exception>
    public ZmqSocket(nint context, int type, string endpoint)
    {
        Handle = LibZmq.NewSocket(context, type);
        if (Handle == 0)
            throw LibZmq.Failure("make a socket");
        Set(LibZmq.Linger, LingerMilliseconds);
        // What a client is slow to take is kept for it: dropping output would show a wrong notebook.
        Set(LibZmq.SendHighWaterMark, 0);
        long maxFrame = MaxFrame;
        if (LibZmq.SetOption(Handle, LibZmq.MaxMessageSize, &maxFrame, sizeof(long)) != 0)
            throw LibZmq.Failure("set up a socket");
        // A client that comes back under its name takes its old place.
        if (type == LibZmq.Router)
            Set(LibZmq.RouterHandover, 1);
        if (LibZmq.Bind(Handle, endpoint) != 0)
        {
            NotebookException failure = LibZmq.Failure($"listen at {endpoint}");
            Dispose();
            throw failure;
        }
    }

    /// <summary>The library's socket.</summary>
    public nint Handle { get; private set; }

    /// <summary>Takes a message if one is there.</summary>
    /// <returns>Its frames; null where none is there, an empty list for one that is too long.</returns>
    public IReadOnlyList<byte[]>? TryReceive()
    {
        var frames = new List<byte[]>();
        bool more = true;
        for (int received = 0; more; received++)
        {
            LibZmq.Frame frame;
            _ = LibZmq.InitFrame(&frame);
            try
            {
                if (LibZmq.ReceiveFrame(&frame, Handle, LibZmq.DontWait) < 0)
                {
                    if (Marshal.GetLastPInvokeError() is LibZmq.TryAgain or LibZmq.Interrupted && received == 0)
                        return null;
                    throw LibZmq.Failure("receive a message");
                }

                more = LibZmq.FrameHasMore(&frame) != 0;
                // All frames must be taken, or the next message would begin in the middle of this one.
                if (received < MaxFrames)
                    frames.Add(new ReadOnlySpan<byte>(LibZmq.FrameData(&frame), checked((int)LibZmq.FrameSize(&frame))).ToArray());
                else
                    frames.Clear();
            }
            finally
            {
                _ = LibZmq.CloseFrame(&frame);
            }
        }

        return frames;
    }

    /// <summary>Sends a message.</summary>
    public void Send(IReadOnlyList<byte[]> frames)
    {
        for (int i = 0; i < frames.Count; i++)
        {
            fixed (byte* data = frames[i])
            {
                int flags = i < frames.Count - 1 ? LibZmq.SendMore : 0;
                while (LibZmq.Send(Handle, data, (nuint)frames[i].Length, flags) < 0)
                {
                    if (Marshal.GetLastPInvokeError() != LibZmq.Interrupted)
                        throw LibZmq.Failure("send a message");
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Handle == 0)
            return;
        _ = LibZmq.Close(Handle);
        Handle = 0;
    }

    private void Set(int option, int value)
    {
        if (LibZmq.SetOption(Handle, option, &value, sizeof(int)) != 0)
            throw LibZmq.Failure("set up a socket");
    }
}
