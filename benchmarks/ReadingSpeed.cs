using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using ZeroI2V.Lab.Checkpoints;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Benchmarks;

/// <summary>
/// What reading weights costs beyond reading their bytes: a safetensors file and PyTorch's archive of the same tensors
/// (ViT-L's shapes, 1.2 GB), beside a plain read of the same file into memory of its own, in turns in one run. Peak memory
/// is the process's own high-water mark, in a process that does nothing else.
/// </summary>
internal static class ReadingSpeed
{
    private const string Reading = "read safetensors", ReadingArchive = "read .pth", Bytes = "the bytes of the safetensors", ArchiveBytes = "the bytes of the .pth";

    /// <summary>Measures; arguments: rounds.</summary>
    /// <returns>0 if the ratios are within what the lab promises.</returns>
    internal static int Run(int rounds)
    {
        string folder = Directory.CreateTempSubdirectory("lab-reading-").FullName;
        try
        {
            (string safetensors, string archive, long tensorBytes) = WeightFiles.Make(folder);
            Console.WriteLine($"{tensorBytes / 1e9:f2} GB of tensors, {rounds} rounds");
            var timer = new Interleaved();
            timer.Add(Reading, () => WeightFile.Read(safetensors).Dispose());
            timer.Add(Bytes, () => ReadBytes(safetensors));
            timer.Add(ReadingArchive, () => WeightFile.Read(archive).Dispose());
            timer.Add(ArchiveBytes, () => ReadBytes(archive));
            timer.Measure(warmUp: 1, rounds);
            timer.PrintTimes();
            double ratio = timer.PrintRatio(Reading, Bytes), archiveRatio = timer.PrintRatio(ReadingArchive, ArchiveBytes);
            double memory = PeakOf(safetensors) / (double)tensorBytes;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"peak memory while reading the safetensors, over the size of its tensors: {memory:f4}"));
            return ratio <= 1.3 && archiveRatio <= 2 && memory <= 1.15 ? 0 : 1;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>In a process of its own: reads a file and prints by how much the process grew at most.</summary>
    internal static int Peak(string path)
    {
        // Loads the library first, so that the file alone is counted.
        zeros(1).Dispose();
        long before = HighWater();
        WeightSet weights = WeightFile.Read(path);
        Console.WriteLine(HighWater() - before);
        GC.KeepAlive(weights);
        return 0;
    }

    private static long PeakOf(string path)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [Path.ChangeExtension(typeof(ReadingSpeed).Assembly.Location, ".dll"), "peak", path]) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) != "dotnet")
            start = new ProcessStartInfo(Environment.ProcessPath!, ["peak", path]) { RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        string printed = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return long.Parse(printed, CultureInfo.InvariantCulture);
    }

    /// <summary>Most memory that the process has held, in bytes.</summary>
    private static long HighWater() =>
        long.Parse(File.ReadLines("/proc/self/status").Single(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;

    /// <summary>A whole file into new memory, as whoever wants its bytes would.</summary>
    private static unsafe void ReadBytes(string path)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        void* memory = NativeMemory.Alloc((nuint)stream.Length);
        try
        {
            stream.ReadExactly(new Span<byte>(memory, checked((int)stream.Length)));
        }
        finally
        {
            NativeMemory.Free(memory);
        }
    }
}
