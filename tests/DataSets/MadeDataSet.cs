using ZeroI2V.Lab.Tests.FFMpegCore;
using ZeroI2V.Lab.VideoData.DataSets;

namespace ZeroI2V.Lab.Tests.DataSets;

/// <summary>Small folders in the exact official formats, with real videos.</summary>
internal sealed class MadeDataSet : IDisposable
{
    public const string Mp4 = "-c:v libx264 -pix_fmt yuv420p", WebM = "-c:v libvpx-vp9 -deadline realtime -cpu-used 8", Avi = "-c:v mjpeg -q:v 4 -pix_fmt yuvj420p";

    private readonly SmallVideo _made = new();

    public MadeDataSet()
    {
        Directory.CreateDirectory(Annotations);
        Directory.CreateDirectory(Videos);
    }

    public string Annotations => _made["annotations"];

    public string Videos => _made["videos"];

    public string Output => _made["out"];

    public void Dispose() => _made.Dispose();

    public MadeDataSet Write(string name, string text)
    {
        File.WriteAllText(Path.Combine(Annotations, name), text);
        return this;
    }

    /// <summary>A video below the folder of videos; each name has its colours.</summary>
    public string Video(string name, string options = Mp4, string size = "48x32", double seconds = 1)
    {
        string path = Path.Combine(Videos, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return _made.Make(Path.Combine("videos", name), FormattableString.Invariant($"testsrc=size={size}:rate=12:duration={seconds},hue=h={name.Sum(letter => letter) * 47 % 360}"), options);
    }

    public ImportResult Import(string key, int split = 1, Func<ImportOptions, ImportOptions>? change = null)
    {
        var options = new ImportOptions { Manifest = DataSetManifest.Find(key, split), Annotations = Annotations, Videos = Videos, Output = Output };
        return DataImport.Run(change?.Invoke(options) ?? options);
    }

    public static IEnumerable<string> Lines(ZeroI2V.Lab.VideoData.ClipList list) => list.Clips.Select(clip => $"{clip.Path} {clip.Label}");

    public static string[] Of(ImportResult result, ProblemKind kind) => [.. result.Problems.Where(p => p.Kind == kind).Select(p => p.Path)];
}
