using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using FFMpegCore;
using FFMpegCore.Enums;
using FFMpegCore.Exceptions;

namespace ZeroI2V.Lab.VideoData;

/// <summary>Runs ffmpeg over one or several videos and reads the frames. Frames come as PPM images, each with its size, so that
/// nothing has to be guessed from the container; they come through files because a pipe of FFMpegCore can lose its last bytes.</summary>
internal static class FrameDump
{
    /// <summary>Only the files themselves are read: playlists that point elsewhere are refused.</summary>
    public const string OnlyFiles = "-protocol_whitelist file";

    /// <summary>What is wanted of a video.</summary>
    internal sealed record Wish(string Path)
    {
        /// <summary>Decoding starts at a key frame at or before this time stamp (seconds); null for the start.</summary>
        public double? From { get; init; }

        /// <summary>ffmpeg's expression that lets frames through; null for all.</summary>
        public string? Select { get; init; }

        /// <summary>Most frames; null for all.</summary>
        public int? Count { get; init; }

        /// <summary>Scales the frames; null leaves them.</summary>
        public (int Width, int Height)? Size { get; init; }
    }

    /// <summary>Decodes all wishes in one run of the program, whose start costs more than a short video.</summary>
    /// <exception cref="VideoException">Something is wrong with one of the videos; which one is only known if there is one.</exception>
    public static FrameStack[] Run(params IReadOnlyList<Wish> wishes) => Run(wishes.Count * VideoFile.Longest, wishes);

    /// <param name="longest">Longest time that the program may take; it is ended then.</param>
    /// <param name="wishes">What is wanted.</param>
    internal static FrameStack[] Run(TimeSpan longest, IReadOnlyList<Wish> wishes)
    {
        using var late = new CancellationTokenSource(longest);
        var names = new List<PlainName>();
        string folder = GlobalFFOptions.Current.TemporaryFilesFolder, run = $"lab-frames-{Guid.NewGuid():N}";
        string[] outputs = [.. wishes.Select((_, i) => Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{run}-{i}.ppm")))];
        var said = new StringBuilder();
        try
        {
            foreach (Wish wish in wishes)
                names.Add(new PlainName(wish.Path));
            FFMpegArguments arguments = FFMpegArguments.FromFileInput(names[0].Path, verifyExists: false, input => Input(input, wishes[0]));
            for (int i = 1; i < wishes.Count; i++)
            {
                Wish wish = wishes[i];
                arguments.AddFileInput(names[i].Path, verifyExists: false, input => Input(input, wish));
            }
            bool success = arguments
                .MultiOutput(all =>
                {
                    for (int i = 0; i < wishes.Count; i++)
                    {
                        int number = i;
                        all.OutputToFile(outputs[i], overwrite: true, output => Output(output, wishes[number], number));
                    }
                })
                .WithLogLevel(FFMpegLogLevel.Error)
                .NotifyOnError(line => said.AppendLine(line))
                .CancellableThrough(late.Token)
                .ProcessSynchronously(throwOnError: false);
            if (late.IsCancellationRequested)
                throw VideoFile.TookTooLong(wishes[0].Path, longest);
            if (!success || said.Length > 0)
            {
                throw new VideoException(
                    wishes[0].Path, "This video cannot be decoded without errors.", Shorten(said.ToString(), names[0], wishes[0].Path));
            }
            return [.. wishes.Select((wish, i) => ReadImages(wish.Path, outputs[i]))];
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested)
        {
            throw VideoFile.TookTooLong(wishes[0].Path, longest);
        }
        catch (FFMpegException failure)
        {
            throw new VideoException(wishes[0].Path, "ffmpeg cannot be run.", failure.Message, failure);
        }
        finally
        {
            names.ForEach(name => name.Dispose());
            Array.ForEach(outputs, File.Delete);
        }
    }

    /// <summary>ffmpeg's words without the memory addresses and names that change from run to run, at most a few lines.</summary>
    public static string Shorten(string said, PlainName name, string path)
    {
        const int lines = 6;
        string[] all = [.. said.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(line => Regex.Replace(line, " @ 0x[0-9a-f]+", "").Replace(name.Path, path, StringComparison.Ordinal))
            .Distinct(StringComparer.Ordinal)];
        return string.Join(" | ", all.Length <= lines ? all : [.. all[..lines], $"and {all.Length - lines} more lines"]);
    }

    private static void Input(FFMpegArgumentOptions options, Wish wish)
    {
        options.WithCustomArgument(OnlyFiles).UsingThreads(1);
        if (wish.From is { } seconds)
        {
            options.WithCustomArgument(
                string.Create(CultureInfo.InvariantCulture, $"-copyts -noaccurate_seek -seek_timestamp 1 -ss {seconds:0.000000}"));
        }
    }

    private static void Output(FFMpegArgumentOptions options, Wish wish, int input)
    {
        string select = wish.Select is null ? "" : $"select='{wish.Select}',";
        options.WithCustomArgument(
            string.Create(CultureInfo.InvariantCulture, $"-map {input}:V:0 -vf \"{select}{VideoFile.Filters(wish.Size)}\" -fps_mode passthrough"));
        if (wish.Count is { } count)
            options.WithFrameOutputCount(count);
        options.WithVideoCodec("ppm")
            .UsingThreads(1)
            .WithCustomArgument(string.Create(CultureInfo.InvariantCulture, $"-fs {VideoFile.MostBytes}"))
            .ForceFormat("image2pipe");
    }

    /// <summary>Reads PPM images of one size, one after the other.</summary>
    private static FrameStack ReadImages(string path, string output)
    {
        using FileStream file = File.OpenRead(output);
        if (file.Length >= VideoFile.MostBytes)
        {
            throw new VideoException(
                path, $"Decoding gives more than {VideoFile.MostBytes >> 20} MiB. Ask for fewer frames at a time.");
        }
        if (file.Length == 0)
            return new FrameStack([], 0, 1, 1);

        Span<byte> header = stackalloc byte[64];
        int read = file.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
        (int width, int height, int headerBytes) = ParseHeader(header[..read]);
        long imageBytes = headerBytes + 3L * width * height;
        if (file.Length % imageBytes != 0)
            throw new VideoException(path, $"The frames of this video differ in size; the first one has {width}x{height} pixels.");

        int count = (int)(file.Length / imageBytes);
        var rgb = new byte[checked((int)(3L * width * height * count))];
        Span<byte> again = stackalloc byte[headerBytes];
        for (int i = 0; i < count; i++)
        {
            file.Position = i * imageBytes;
            file.ReadExactly(again);
            if (!again.SequenceEqual(header[..headerBytes]))
                throw new VideoException(path, $"The frames of this video differ in size; the first one has {width}x{height} pixels.");
            file.ReadExactly(rgb.AsSpan(3 * width * height * i, 3 * width * height));
        }
        return new FrameStack(rgb, count, height, width);
    }

    /// <summary><c>P6\nWIDTH HEIGHT\n255\n</c>.</summary>
    private static (int Width, int Height, int Bytes) ParseHeader(ReadOnlySpan<byte> header)
    {
        if (header.StartsWith("P6\n"u8)
            && Utf8Parser.TryParse(header[3..], out int width, out int used)
            && Utf8Parser.TryParse(header[(4 + used)..], out int height, out int usedToo)
            && header[(4 + used + usedToo)..].StartsWith("\n255\n"u8)
            && width > 0 && height > 0)
            return (width, height, 4 + used + usedToo + 5);
        throw new InvalidDataException($"Expected a PPM image from ffmpeg; found {Convert.ToHexString(header)}.");
    }
}
