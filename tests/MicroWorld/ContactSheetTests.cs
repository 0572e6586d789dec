using ZeroI2V.Lab.VideoData;
using ZeroI2V.Lab.VideoData.MicroWorld;

namespace ZeroI2V.Lab.Tests.MicroWorld;

public sealed class ContactSheetTests(QuickData made)
{
    [Fact]
    public void A_sheet_of_clips_shows_the_decoded_frames()
    {
        string path = Path.Combine(made.Root, "sheet of clips", "clips.png");
        ContactSheet.Clips(made.Clips, path, cancellationToken: TestContext.Current.CancellationToken);
        FrameStack sheet = VideoFile.Decode(path);
        ClipList list = made.Clips.Train;
        ReadOnlySpan<byte> frame = VideoFile.Decode(list.FullPath(list.Clips.First(c => c.Label == 0))).Frame(1);
        Assert.True(Holds(sheet, frame[..192]), "the first row of the first clip's first shown frame is not in the sheet");
        Assert.Equal(["clips.png"], Directory.GetFiles(Path.GetDirectoryName(path)!).Select(Path.GetFileName));
    }

    [Fact]
    public void A_sheet_of_stills_shows_the_decoded_stills()
    {
        string path = Path.Combine(made.Root, "sheet of stills", "stills.png");
        ContactSheet.Stills(made.Stills, path, TestContext.Current.CancellationToken);
        FrameStack sheet = VideoFile.Decode(path);
        ReadOnlySpan<byte> still = made.Stills.Validation.Decode(cancellationToken: TestContext.Current.CancellationToken).Frame(0);
        Assert.True(Holds(sheet, still[..192]), "the first row of the first still is not in the sheet");
    }

    private static bool Holds(FrameStack sheet, ReadOnlySpan<byte> row) => sheet.Rgb.AsSpan().IndexOf(row) >= 0;
}
