using System.Collections.Concurrent;
using ZeroI2V.Lab.VideoData;
using ZeroI2V.Lab.VideoData.MicroWorld;

[assembly: AssemblyFixture(typeof(ZeroI2V.Lab.Tests.MicroWorld.QuickData))]

namespace ZeroI2V.Lab.Tests.MicroWorld;

/// <summary>The synthetic data in its quick size, made once for all tests that read it, when the first one asks.</summary>
public sealed class QuickData : IDisposable
{
    private readonly Lazy<MicroSplits> _clips;
    private readonly Lazy<StillSplits> _stills;
    private readonly ConcurrentDictionary<string, Lazy<FrameStack>> _frames = new();

    public QuickData()
    {
        Root = Directory.CreateTempSubdirectory("lab-quick-data-").FullName;
        _clips = new(() => MicroSsv2.Ensure(Root, MicroSize.Quick));
        _stills = new(() => MicroImages.Ensure(Root, MicroSize.Quick));
    }

    public string Root { get; }

    public MicroSplits Clips => _clips.Value;

    public StillSplits Stills => _stills.Value;

    /// <summary>All frames of the first clip of a class.</summary>
    public FrameStack Frames(ClipList list, int label)
    {
        string path = list.FullPath(list.Clips.First(c => c.Label == label));
        return _frames.GetOrAdd(path, p => new(() => VideoFile.Decode(p))).Value;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
