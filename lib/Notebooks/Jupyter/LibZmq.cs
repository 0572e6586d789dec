using System.Runtime.InteropServices;

namespace ZeroI2V.Lab.Notebooks.Jupyter;

/// <summary>
/// The functions of libzmq (Debian's <c>libzmq5</c>) that the kernel needs. They are bound directly, and not through xeus,
/// because a kernel so made has no C++ to compile: libzmq is there wherever Jupyter is.
/// </summary>
internal static unsafe partial class LibZmq
{
    public const int Rep = 4, Router = 6, Pub = 1;
    public const int Linger = 17, MaxMessageSize = 22, SendHighWaterMark = 23, RouterHandover = 56;
    public const int SendMore = 2, DontWait = 1;
    public const short PollIn = 1;
    public const int Interrupted = 4, TryAgain = 11, Terminated = 156384765;

    private const string Library = "libzmq.so.5";

    /// <summary>A frame, whose inside is the library's.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 64)]
    public struct Frame
    {
        private fixed long _opaque[8];
    }

    /// <summary>Something to wait for: a socket, or else a file descriptor.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PollItem
    {
        public nint Socket;
        public int Descriptor;
        public short Events;
        public short Happened;
    }

    [LibraryImport(Library, EntryPoint = "zmq_ctx_new", SetLastError = true)]
    public static partial nint NewContext();

    [LibraryImport(Library, EntryPoint = "zmq_ctx_term", SetLastError = true)]
    public static partial int EndContext(nint context);

    [LibraryImport(Library, EntryPoint = "zmq_socket", SetLastError = true)]
    public static partial nint NewSocket(nint context, int type);

    [LibraryImport(Library, EntryPoint = "zmq_close", SetLastError = true)]
    public static partial int Close(nint socket);

    [LibraryImport(Library, EntryPoint = "zmq_setsockopt", SetLastError = true)]
    public static partial int SetOption(nint socket, int option, void* value, nuint length);

    [LibraryImport(Library, EntryPoint = "zmq_bind", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Bind(nint socket, string endpoint);

    [LibraryImport(Library, EntryPoint = "zmq_msg_init", SetLastError = true)]
    public static partial int InitFrame(Frame* frame);

    [LibraryImport(Library, EntryPoint = "zmq_msg_recv", SetLastError = true)]
    public static partial int ReceiveFrame(Frame* frame, nint socket, int flags);

    [LibraryImport(Library, EntryPoint = "zmq_msg_data", SetLastError = true)]
    public static partial byte* FrameData(Frame* frame);

    [LibraryImport(Library, EntryPoint = "zmq_msg_size", SetLastError = true)]
    public static partial nuint FrameSize(Frame* frame);

    [LibraryImport(Library, EntryPoint = "zmq_msg_more", SetLastError = true)]
    public static partial int FrameHasMore(Frame* frame);

    [LibraryImport(Library, EntryPoint = "zmq_msg_close", SetLastError = true)]
    public static partial int CloseFrame(Frame* frame);

    [LibraryImport(Library, EntryPoint = "zmq_send", SetLastError = true)]
    public static partial int Send(nint socket, byte* data, nuint length, int flags);

    [LibraryImport(Library, EntryPoint = "zmq_poll", SetLastError = true)]
    public static partial int Poll(PollItem* items, int count, nint milliseconds);

    [LibraryImport(Library, EntryPoint = "zmq_strerror")]
    private static partial nint ErrorText(int error);

    /// <summary>What the last call failed of.</summary>
    public static NotebookException Failure(string doing)
    {
        int error = Marshal.GetLastPInvokeError();
        return new NotebookException($"The kernel could not {doing}: {Marshal.PtrToStringUTF8(ErrorText(error))} (libzmq error {error}).");
    }
}
