using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Text;
using ZeroI2V.Lab.Files;

namespace ZeroI2V.Lab.VideoData;

/// <summary>Decoding in this process over libav (<c>native/video.cpp</c>): the frames of the ffmpeg program, without starting it.
/// Where the library is not there, or is not sure of a file, the program is asked.</summary>
internal static unsafe partial class LibavDecoder
{
    private const string Library = "labvideo";
    private const int MessageLength = 2048;
    private const int Version = 2;

    private static readonly Lazy<IntPtr> s_library = new(() => NativeCode.Load("video", Version));

    static LibavDecoder() => NativeLibrary.SetDllImportResolver(
        typeof(LibavDecoder).Assembly, (name, _, _) => name == Library ? s_library.Value : IntPtr.Zero);

    /// <summary>Whether the library is there.</summary>
    public static bool IsAvailable => s_library.Value != IntPtr.Zero;

    /// <summary>Decodes frames, or says that the program must be asked.</summary>
    /// <param name="path">The video.</param>
    /// <param name="wanted">Frame numbers, rising, each once; null for all frames.</param>
    /// <param name="filters">ffmpeg's filters for each frame, ending in RGB.</param>
    /// <param name="longest">Longest time that it may take; two minutes where nothing is said.</param>
    /// <param name="mostBytes">Most bytes of decoded frames.</param>
    /// <returns>The frames, fewer than wanted where the video ends; null where the program must be asked.</returns>
    /// <exception cref="VideoException">The file takes too much memory or time.</exception>
    public static FrameStack? TryDecode(string path, int[]? wanted, string filters, TimeSpan? longest = null, long mostBytes = VideoFile.MostBytes) =>
        Decode(path, wanted, filters, longest, mostBytes, null);

    /// <summary>Decodes a part of every wanted frame, which alone is converted to RGB; or says that the program must be asked.</summary>
    /// <param name="path">The video.</param>
    /// <param name="wanted">Frame numbers, rising, each once.</param>
    /// <param name="part">Told width and height of the frames, once: the part that is wanted, inside them.</param>
    /// <returns>The part of each frame, fewer than wanted where the video ends; null where the program must be asked.</returns>
    /// <exception cref="VideoException">The file takes too much memory or time.</exception>
    public static FrameStack? TryDecode(string path, int[] wanted, Func<int, int, CropBox> part)
    {
        using var begin = new Beginning(path, part, wanted.Length, VideoFile.MostBytes);
        return Decode(path, wanted, VideoFile.ToRgb, null, VideoFile.MostBytes, begin);
    }

    private static FrameStack? Decode(string path, int[]? wanted, string filters, TimeSpan? longest, long mostBytes, Beginning? begin)
    {
        if (!IsAvailable)
            return null;
        long[] numbers = wanted is null ? [] : [.. wanted.Select(number => (long)number)];
        var limits = new Limits
        {
            MostBytes = mostBytes,
            MostPacketBytes = 256L << 20,
            MostPackets = 1 << 20,
            MostPixels = VideoFile.MostPixels,
            MostSeconds = (longest ?? VideoFile.Longest).TotalSeconds,
        };
        Frames frames;
        Span<byte> message = stackalloc byte[MessageLength];
        message[0] = 0;
        Answer answer;
        fixed (byte* file = Encoding.UTF8.GetBytes(Path.GetFullPath(path) + '\0'))
        fixed (byte* chain = Encoding.UTF8.GetBytes(filters + '\0'))
        fixed (long* list = numbers)
        fixed (byte* said = message)
        {
            GCHandle self = begin is null ? default : GCHandle.Alloc(begin);
            try
            {
                answer = (Answer)lab_video_decode(
                    file, list, wanted is null ? -1 : numbers.Length, chain, &limits, begin is null ? null : &Begin, (void*)GCHandle.ToIntPtr(self), &frames, said, MessageLength);
            }
            finally
            {
                if (self.IsAllocated)
                    self.Free();
            }
        }
        switch (answer)
        {
            case Answer.Ok or Answer.Short when begin is not null:
                return begin.Frames((int)frames.Count);
            case Answer.Ok or Answer.Short:
                try
                {
                    if (frames.Count == 0)
                        return new FrameStack([], 0, 1, 1);
                    byte[] rgb = GC.AllocateUninitializedArray<byte>(checked((int)(3L * frames.Width * frames.Height * frames.Count)));
                    new ReadOnlySpan<byte>(frames.Rgb, rgb.Length).CopyTo(rgb);
                    return new FrameStack(rgb, (int)frames.Count, frames.Height, frames.Width);
                }
                finally
                {
                    lab_video_free(frames.Rgb);
                }
            case Answer.Unsure:
                return null;
            case Answer.Refused when begin?.Failure is { } failure:
                failure.Throw();
                return null;
            case Answer.TooLarge:
                throw TooLarge(path, mostBytes);
            case Answer.TooLong:
                throw VideoFile.TookTooLong(path, longest ?? VideoFile.Longest);
            default:
                throw new InvalidOperationException($"liblabvideo.so answered {answer}: {Encoding.UTF8.GetString(message[..message.IndexOf((byte)0)])}");
        }
    }

    private static VideoException TooLarge(string path, long mostBytes) =>
        new(path, $"Decoding gives more than {mostBytes >> 20} MiB. Ask for fewer frames at a time.");

    private enum Answer
    {
        Ok,
        Unsure,
        TooLarge,
        TooLong,
        Short,
        Refused,
    }

    /// <summary>What the library calls when it knows the size of the frames.</summary>
    [UnmanagedCallersOnly]
    private static byte* Begin(void* context, int width, int height, Box* box)
    {
        var begin = (Beginning)GCHandle.FromIntPtr((IntPtr)context).Target!;
        try
        {
            return begin.Start(width, height, box);
        }
        catch (Exception fault)
        {
            // It must not cross the library; the caller throws it again.
            begin.Failure = ExceptionDispatchInfo.Capture(fault);
            return null;
        }
    }

    /// <summary>Settles the part and the memory of one decoding.</summary>
    private sealed class Beginning(string path, Func<int, int, CropBox> part, int count, long mostBytes) : IDisposable
    {
        private byte[] _rgb = [];
        private CropBox _box;
        private GCHandle _pin;

        public ExceptionDispatchInfo? Failure { get; set; }

        public byte* Start(int width, int height, Box* box)
        {
            _box = part(width, height);
            (box->Left, box->Top, box->Width, box->Height) = (_box.Left, _box.Top, _box.Width, _box.Height);
            long bytes = 3L * _box.Width * _box.Height * count;
            if (bytes > mostBytes)
                throw TooLarge(path, mostBytes);
            _rgb = GC.AllocateUninitializedArray<byte>((int)bytes);
            _pin = GCHandle.Alloc(_rgb, GCHandleType.Pinned);
            return (byte*)_pin.AddrOfPinnedObject();
        }

        public FrameStack Frames(int decoded)
        {
            if (decoded == 0)
                return new FrameStack([], 0, 1, 1);
            byte[] rgb = decoded == count ? _rgb : _rgb[..(3 * _box.Width * _box.Height * decoded)];
            return new FrameStack(rgb, decoded, _box.Height, _box.Width);
        }

        public void Dispose()
        {
            if (_pin.IsAllocated)
                _pin.Free();
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Box
    {
        public int Left;
        public int Top;
        public int Width;
        public int Height;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Limits
    {
        public long MostBytes;
        public long MostPacketBytes;
        public long MostPackets;
        public long MostPixels;
        public double MostSeconds;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Frames
    {
        public byte* Rgb;
        public long Count;
        public int Width;
        public int Height;
        public long Decoded;
    }

    [LibraryImport(Library)]
    private static partial int lab_video_decode(
        byte* path, long* wanted, long count, byte* filters, Limits* limits, delegate* unmanaged<void*, int, int, Box*, byte*> begin, void* context, Frames* frames, byte* message, long messageLength);

    [LibraryImport(Library)]
    private static partial void lab_video_free(byte* rgb);
}
