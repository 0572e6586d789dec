using ZeroI2V.Lab.VideoData;
using ZeroI2V.Lab.VideoData.MicroWorld;

namespace ZeroI2V.Lab.Tests.MicroWorld;

/// <summary>MicroSSv2 in its quick size, made once for all tests here.</summary>
public sealed class MicroSsv2Fixture : IDisposable
{
    public MicroSsv2Fixture() => Splits = MicroSsv2.Ensure(Root, MicroSize.Quick);

    public string Root { get; } = Directory.CreateTempSubdirectory("micro-ssv2-").FullName;

    public MicroSplits Splits { get; }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}

public sealed class MicroSsv2Tests(MicroSsv2Fixture made) : IClassFixture<MicroSsv2Fixture>
{
    private string Folder => MicroSsv2.Folder(made.Root, MicroSize.Quick);

    [Fact]
    public void Lists_are_valid_balanced_and_synthetic()
    {
        foreach (ClipList list in (ClipList[])[made.Splits.Train, made.Splits.Test])
        {
            list.Validate();
            Assert.True(list.Synthetic);
            Assert.Contains("synthetic", list.Name, StringComparison.Ordinal);
            Assert.Equal(22, list.Classes.Count);
            Assert.Single(list.Clips.CountBy(c => c.Label).Select(c => c.Value).Distinct());
        }
        Assert.Equal(12, MicroSsv2.ClassGroups.Count(g => g == "directional"));
        Assert.Equal(10, MicroSsv2.ClassGroups.Count(g => g == "cyclic"));
    }

    [Fact]
    public void Files_are_H264_and_decode_to_the_frames_that_the_list_names()
    {
        ClipList list = made.Splits.Train;
        foreach (ClipRecord clip in (ClipRecord[])[list.Clips[0], list.Clips[37], list.Clips[^1]])
        {
            VideoInfo info = VideoFile.Probe(list.FullPath(clip));
            Assert.Equal("h264", info.Codec);
            Assert.Equal((MicroSsv2.Frames, MicroSsv2.FrameSize, MicroSsv2.FrameSize), (info.Frames, info.Width, info.Height));
            Assert.Equal(clip.Sha256, VideoFile.Decode(list.FullPath(clip)).Sha256());
        }
    }
}
