using FFMpegCore;
using FFMpegCore.Pipes;

namespace ZeroI2V.Lab.Tests.FFMpegCore;

/// <summary>A folder with small real videos, made by ffmpeg and removed at the end.</summary>
internal sealed class SmallVideo : IDisposable
{
    public SmallVideo() => Directory.CreateDirectory(Folder);

    public string Folder { get; } = Path.Combine(Path.GetTempPath(), $"lab-video-{Guid.NewGuid():N}");

    /// <summary>Path of a file in the folder.</summary>
    public string this[string name] => Path.Combine(Folder, name);

    /// <summary>Runs ffmpeg on one of its own test sources.</summary>
    public string Make(string name, string source, string options = "-c:v libx264 -pix_fmt yuv420p")
    {
        FFMpegArguments
            .FromFileInput(source, verifyExists: false, input => input.ForceFormat("lavfi"))
            .OutputToFile(this[name], overwrite: true, output => output.WithCustomArgument(options))
            .ProcessSynchronously();
        return this[name];
    }

    /// <summary>Frame <paramref name="number"/> drawn as a row of eight blocks, bit 0 leftmost, so that it survives compression.</summary>
    public static CounterFrame Counter(int number, int width = 64, int height = 32) => new(number, width, height);

    /// <summary>Reads the number back that <see cref="Counter"/> drew.</summary>
    public static int ReadCounter(ReadOnlySpan<byte> rgb, int width, int height)
    {
        int number = 0;
        for (int bit = 0; bit < 8; bit++)
        {
            int x = (2 * bit + 1) * width / 16, y = height / 2;
            if (rgb[3 * (y * width + x) + 1] > 127)
                number |= 1 << bit;
        }
        return number;
    }

    /// <summary>An H.264 file whose frames carry their own number.</summary>
    public string MakeCounter(string name, int frames, int keyFrameEvery = 250, string options = "", int width = 64, int height = 32) =>
        MakeFrames(name, Enumerable.Range(0, frames), keyFrameEvery, options, width, height);

    /// <summary>An H.264 file whose frames carry these numbers, 0 to 255.</summary>
    public string MakeFrames(string name, IEnumerable<int> numbers, int keyFrameEvery = 250, string options = "", int width = 64, int height = 32)
    {
        var source = new RawVideoPipeSource(numbers.Select(number => Counter(number, width, height))) { FrameRate = 25 };
        FFMpegArguments
            .FromPipeInput(source)
            .OutputToFile(this[name], overwrite: true, output => output
                .WithVideoCodec("libx264")
                .WithConstantRateFactor(18)
                .ForcePixelFormat("yuv420p")
                .WithCustomArgument($"-g {keyFrameEvery} -sc_threshold 0 {options}"))
            .ProcessSynchronously();
        return this[name];
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    internal sealed class CounterFrame(int number, int width, int height) : IVideoFrame
    {
        public int Width => width;

        public int Height => height;

        public string Format => "rgb24";

        public byte[] Bytes()
        {
            var rgb = new byte[3 * width * height];
            for (int y = 0; y < height; y++)
            {
                for (int x = 0; x < width; x++)
                    rgb.AsSpan(3 * (y * width + x), 3).Fill((number >> (8 * x / width) & 1) != 0 ? (byte)230 : (byte)25);
            }
            return rgb;
        }

        public void Serialize(Stream pipe) => pipe.Write(Bytes());

        public Task SerializeAsync(Stream pipe, CancellationToken token) => pipe.WriteAsync(Bytes(), token).AsTask();
    }
}
