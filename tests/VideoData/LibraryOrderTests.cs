using System.Diagnostics;
using ZeroI2V.Lab.Tests.FFMpegCore;
using ZeroI2V.Lab.VideoData;

namespace ZeroI2V.Lab.Tests.VideoData;

public sealed class LibraryOrderTests : IDisposable
{
    private readonly SmallVideo _videos = new();

    public void Dispose() => _videos.Dispose();

    [Fact]
    public void Libtorch_is_loaded_before_libavs_filters()
    {
        // Whichever comes first settles how OpenBLAS's and OpenMP's threads wait; in the other order training took three times as long.
        _videos.MakeCounter("clip.mp4", 4);
        new ClipList
        {
            Name = "one", Synthetic = true, Classes = ["a"], ClassGroups = [""], ReversedClass = [-1],
            Clips = [new ClipRecord { Path = "clip.mp4", Label = 0, Frames = 4 }],
        }.Save(_videos["list.json"]);
        // A process of its own, whose loader writes down what it loads.
        using Process lab = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "ZeroI2V.Lab.dll"), "data", "check", "list.json"])
        {
            WorkingDirectory = _videos.Folder,
            RedirectStandardOutput = true,
            Environment = { ["LD_DEBUG"] = "files", ["LD_DEBUG_OUTPUT"] = _videos["loaded"] },
        })!;
        Assert.Contains("1 of 1 clips are as listed", lab.StandardOutput.ReadToEnd(), StringComparison.Ordinal);
        lab.WaitForExit();
        string[] lines = File.ReadAllLines(_videos[$"loaded.{lab.Id}"]);
        int First(string library) => Array.FindIndex(lines, line => line.Contains("calling init:", StringComparison.Ordinal) && line.Contains(library, StringComparison.Ordinal));
        Assert.InRange(First("/libtorch_cpu.so"), 0, int.MaxValue);
        Assert.InRange(First("/libavfilter.so"), First("/libtorch_cpu.so"), int.MaxValue);
    }
}
