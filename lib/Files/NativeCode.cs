using System.Runtime.InteropServices;
using TorchSharp;

namespace ZeroI2V.Lab.Files;

/// <summary>The lab's own native libraries, which it can do without.</summary>
internal static unsafe class NativeCode
{
    /// <summary>Loads a library from beside this assembly or from <c>native/build</c>.</summary>
    /// <param name="name">Such as "video" for <c>liblabvideo.so</c>, whose function <c>lab_video_version</c> tells what its functions take.</param>
    /// <param name="version">The version that the caller knows.</param>
    /// <returns>Its handle; zero where there is none of this version, where it cannot be loaded, or where the variable
    /// <c>LAB_VIDEO_LIBRARY</c>, which may name another file, is set and empty.</returns>
    public static IntPtr Load(string name, int version)
    {
        // OpenMP comes along, with libav's filters OpenBLAS too. Whoever loads those first settles how their threads wait, and
        // with threads that spin training was three times slower: so libtorch comes first.
        torch.InitializeDeviceType(DeviceType.CPU);
        foreach (string path in Candidates().Where(File.Exists))
        {
            // Built against something that this machine has not, it cannot be loaded.
            if (!NativeLibrary.TryLoad(path, out IntPtr library))
                continue;
            if (NativeLibrary.TryGetExport(library, $"lab_{name}_version", out IntPtr found) && ((delegate* unmanaged<int>)found)() == version)
                return library;
        }
        return IntPtr.Zero;

        IEnumerable<string> Candidates()
        {
            if (Environment.GetEnvironmentVariable($"LAB_{name.ToUpperInvariant()}_LIBRARY") is { } named)
            {
                if (named.Length > 0)
                    yield return named;
                yield break;
            }
            string file = $"liblab{name}.so";
            string? beside = Path.GetDirectoryName(typeof(NativeCode).Assembly.Location);
            yield return Path.Combine(string.IsNullOrEmpty(beside) ? AppContext.BaseDirectory : beside, file);
            for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
                yield return Path.Combine(folder.FullName, "native", "build", file);
        }
    }
}
