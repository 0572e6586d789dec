using FFMpegCore;
using ZeroI2V.Lab.Tests.FFMpegCore;
using ZeroI2V.Lab.VideoData;

namespace ZeroI2V.Lab.Tests.VideoData;

/// <summary>By itself, because it moves the temporary folder of the whole process.</summary>
[CollectionDefinition(nameof(TemporaryFilesTests), DisableParallelization = true)]
[Collection(nameof(TemporaryFilesTests))]
public sealed class TemporaryFilesTests : IDisposable
{
    private readonly SmallVideo _videos = new();
    private readonly string _before = GlobalFFOptions.Current.TemporaryFilesFolder;

    public void Dispose()
    {
        GlobalFFOptions.Current.TemporaryFilesFolder = _before;
        _videos.Dispose();
    }

    [Fact]
    public void Nothing_is_left_in_the_temporary_folder()
    {
        File.Move(_videos.MakeCounter("plain.mp4", 3), _videos["quote\".mp4"]);
        File.WriteAllText(_videos["bad.mp4"], "bad");
        string temporary = Directory.CreateDirectory(_videos["tmp"]).FullName;
        GlobalFFOptions.Current.TemporaryFilesFolder = temporary;
        Assert.Equal(3, VideoFile.Decode(_videos["quote\".mp4"]).Count);
        Assert.Throws<VideoException>(() => VideoFile.Decode(_videos["bad.mp4"]));
        Assert.Empty(Directory.GetFileSystemEntries(temporary));
    }
}
