using ZeroI2V.Lab.Training;
using ZeroI2V.Lab.VideoData;
using ZeroI2V.Lab.VideoData.DataSets;

namespace ZeroI2V.Lab.Tests.DataSets;

public sealed class DataImportTests : IDisposable
{
    private const string KineticsHeader = "label,youtube_id,time_start,time_end,split,is_cc\n";

    private readonly MadeDataSet _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public void Kinetics_is_imported_from_its_csv_files()
    {
        _data.Write("kinetics_train.csv", KineticsHeader + "zumba,0wR5jVB-WPk,100000,100010,train,0\n\"air drumming\",__wX2Qz0abc,0,10,train,0\nabseiling,-3zqoP91u_A,12.0,22.0,train,0\n")
            .Write("kinetics_val.csv", KineticsHeader + "abseiling,q1w2e3r4t5y,9,19,val,0\n")
            .Write("kinetics_test.csv", KineticsHeader + "abseiling,t3stt3stt3s,1,11,test,0\n");
        _data.Video("train/zumba/0wR5jVB-WPk_100000_100010.mp4");
        _data.Video("train/air drumming/__wX2Qz0abc_000000_000010.mp4", size: "33x21", options: "-c:v libx264 -pix_fmt yuv444p");
        _data.Video("train/-3zqoP91u_A.mkv");
        _data.Video("val/q1w2e3r4t5y_000009_000019.mp4", seconds: 0.5);
        _data.Video("test/t3stt3stt3s_000001_000011.mp4");
        ImportResult result = _data.Import("kinetics400");

        Assert.Equal(["abseiling", "air_drumming", "zumba"], result.Train.Classes);
        Assert.Equal(["train/zumba/0wR5jVB-WPk_100000_100010.mp4 2", "train/air drumming/__wX2Qz0abc_000000_000010.mp4 1", "train/-3zqoP91u_A.mkv 0"], MadeDataSet.Lines(result.Train));
        Assert.Equal(["val/q1w2e3r4t5y_000009_000019.mp4 0"], MadeDataSet.Lines(result.Validation));
        Assert.Equal((12, 33, 21, 12.0), (result.Train.Clips[1].Frames, result.Train.Clips[1].Width, result.Train.Clips[1].Height, result.Train.Clips[1].FramesPerSecond));
        Assert.Equal(6, result.Validation.Clips[0].Frames);
        // Only the counts differ from what is published.
        Assert.All(result.Problems, problem => Assert.Equal(ProblemKind.Count, problem.Kind));

        ClipList read = ClipList.Load(Path.Combine(_data.Output, DataImport.TrainList));
        Assert.Equal(result.Train.Clips, read.Clips);
        Assert.Equal(12, VideoFile.Decode(read.FullPath(read.Clips[2])).Count);
    }

    [Fact]
    public void Something_something_is_imported_from_its_json_files()
    {
        _data.Write("something-something-v2-labels.json", """{"Holding something next to something": "1", "Moving something up": "0"}""")
            .Write("something-something-v2-train.json", """[{"id":"78687","label":"holding a potato next to a bottle","template":"Holding [something] next to [something]","placeholders":["potato","bottle"]}]""")
            .Write("something-something-v2-validation.json", """[{"id":"74225","label":"moving a pen up","template":"Moving [something] up","placeholders":["pen"]}]""")
            .Write("something-something-v2-test.json", """[{"id":"1420"}]""");
        _data.Video("78687.webm", MadeDataSet.WebM);
        _data.Video("74225.webm", MadeDataSet.WebM);
        _data.Video("1420.webm", MadeDataSet.WebM);
        ImportResult result = _data.Import("ssv2");
        Assert.Equal(["Moving something up", "Holding something next to something"], result.Train.Classes);
        Assert.Equal(["78687.webm 1"], MadeDataSet.Lines(result.Train));
        Assert.Equal(["74225.webm 0"], MadeDataSet.Lines(result.Validation));
        Assert.Equal(12, result.Train.Clips[0].Frames);
        Assert.All(result.Problems, problem => Assert.Equal(ProblemKind.Count, problem.Kind));
    }

    [Fact]
    public void Ucf_is_imported_from_the_lists_of_a_split()
    {
        _data.Write("classInd.txt", "1 ApplyEyeMakeup\r\n2 Hammering\r\n3 HammerThrow\r\n")
            .Write("trainlist02.txt", "Hammering/v_Hammering_g08_c01.avi 2\r\nHammerThrow/v_HammerThrow_g08_c01.avi 3\r\n")
            .Write("testlist02.txt", "ApplyEyeMakeup/v_ApplyEyeMakeup_g01_c01.avi\r\n");
        _data.Video("Hammering/v_Hammering_g08_c01.avi", MadeDataSet.Avi);
        _data.Video("HammerThrow/v_HammerThrow_g08_c01.avi", MadeDataSet.Avi);
        _data.Video("v_ApplyEyeMakeup_g01_c01.avi", MadeDataSet.Avi);
        ImportResult result = _data.Import("ucf101", 2);
        Assert.Equal(["Hammering/v_Hammering_g08_c01.avi 1", "HammerThrow/v_HammerThrow_g08_c01.avi 2"], MadeDataSet.Lines(result.Train));
        // All files in one folder: found by name.
        Assert.Equal(["v_ApplyEyeMakeup_g01_c01.avi 0"], MadeDataSet.Lines(result.Validation));
    }

    [Fact]
    public void Hmdb_is_imported_from_its_flags()
    {
        _data.Write("climb_test_split1.txt", "a [b] (c)!.x.avi 1 \nunused.avi 0 \n").Write("climb_stairs_test_split1.txt", "s_1.avi 2 \n");
        _data.Video("climb/a [b] (c)!.x.avi", MadeDataSet.Avi);
        _data.Video("climb/unused.avi", MadeDataSet.Avi);
        _data.Video("climb_stairs/s_1.avi", MadeDataSet.Avi);
        ImportResult result = _data.Import("hmdb51");
        Assert.Equal(["climb", "climb_stairs"], result.Train.Classes);
        Assert.Equal(["climb/a [b] (c)!.x.avi 0"], MadeDataSet.Lines(result.Train));
        Assert.Equal(["climb_stairs/s_1.avi 1"], MadeDataSet.Lines(result.Validation));
        Assert.Empty(MadeDataSet.Of(result, ProblemKind.Unexpected));
    }

    [Fact]
    public void All_that_is_wrong_stands_in_one_table_and_the_rest_is_imported()
    {
        _data.Write("classInd.txt", "1 A\n2 B\n")
            .Write("trainlist01.txt", "A/good.avi 1\nA/missing.avi 1\nA/broken.avi 1\nB/short.avi 2\nA/good.avi 1\nC/x.avi 3\n../../etc/passwd 1\nA/nonumber.avi\nB/sound.avi 2\n")
            .Write("testlist01.txt", "B/two.avi\n");
        _data.Video("A/good.avi", MadeDataSet.Avi);
        _data.Video("B/short.avi", MadeDataSet.Avi, seconds: 0.08);
        _data.Video("B/two.avi", MadeDataSet.Avi);
        _data.Video("elsewhere/two.mp4");
        _data.Video("A/extra.avi", MadeDataSet.Avi);
        File.WriteAllText(Path.Combine(_data.Videos, "A", "broken.avi"), "no video");
        File.WriteAllText(Path.Combine(_data.Videos, "readme.txt"), "hello");
        File.Move(MakeSound(), Path.Combine(_data.Videos, "B", "sound.avi"));
        Directory.CreateSymbolicLink(Path.Combine(_data.Videos, "A", "back"), _data.Videos);

        ImportResult result = _data.Import("ucf101");
        Assert.Equal(["A/good.avi 0"], MadeDataSet.Lines(result.Train));
        Assert.Equal(["B/two.avi 1"], MadeDataSet.Lines(result.Validation));
        Assert.Equal(["A/missing.avi"], MadeDataSet.Of(result, ProblemKind.Missing));
        Assert.Equal(["A/broken.avi", "B/sound.avi"], MadeDataSet.Of(result, ProblemKind.Unreadable));
        Assert.Equal(["B/short.avi"], MadeDataSet.Of(result, ProblemKind.TooShort));
        Assert.Equal(["A/good.avi"], MadeDataSet.Of(result, ProblemKind.Duplicate));
        Assert.Equal(["C/x.avi"], MadeDataSet.Of(result, ProblemKind.UnknownLabel));
        Assert.Equal(["../../etc/passwd"], MadeDataSet.Of(result, ProblemKind.UnsafePath));
        Assert.Equal(["A/nonumber.avi"], MadeDataSet.Of(result, ProblemKind.MalformedLine));
        Assert.Equal(["A/back"], MadeDataSet.Of(result, ProblemKind.LinkLoop));
        Assert.Equal(["A/extra.avi", "elsewhere/two.mp4", "readme.txt"], MadeDataSet.Of(result, ProblemKind.Unexpected));
        Assert.Equal(["missing", "unreadable", "too short", "unreadable"], result.Train.LeftOut!.Select(clip => clip.Status));
        Assert.Equal(result.Problems.Count + 1, File.ReadAllLines(Path.Combine(_data.Output, ProblemTable.FileName)).Length);

        string MakeSound()
        {
            string path = Path.Combine(_data.Output, "sound.m4a");
            Directory.CreateDirectory(_data.Output);
            global::FFMpegCore.FFMpegArguments.FromFileInput("sine=duration=0.2", verifyExists: false, input => input.ForceFormat("lavfi"))
                .OutputToFile(path, overwrite: true, output => output.WithCustomArgument("-c:a aac")).ProcessSynchronously();
            return path;
        }
    }

    [Fact]
    public void An_import_that_is_repeated_examines_only_what_is_new()
    {
        Ucf(["one", "two"]);
        Assert.Equal(2, _data.Import("ucf101").Examined);
        Assert.Equal(0, _data.Import("ucf101").Examined);
        // A process that was killed leaves half a line.
        string journal = Path.Combine(_data.Output, "probed.jsonl");
        string[] lines = File.ReadAllLines(journal);
        File.WriteAllText(journal, string.Join('\n', lines[..^1]) + "\n" + lines[^1][..20]);
        ImportResult again = _data.Import("ucf101");
        Assert.Equal(1, again.Examined);
        Assert.Equal(2, again.Train.Clips.Count + again.Validation.Clips.Count);
        _data.Video("A/one.avi", MadeDataSet.Avi, seconds: 0.5);
        Assert.Equal(1, _data.Import("ucf101").Examined);
        Assert.Equal(2, _data.Import("ucf101", change: options => options with { Thorough = true }).Examined);
    }

    [Fact]
    public void A_cancelled_import_keeps_what_it_found_and_goes_on()
    {
        Ucf(["one", "two", "three"]);
        using var stop = new CancellationTokenSource();
        var options = new ImportOptions { Manifest = DataSetManifest.Find("ucf101"), Annotations = _data.Annotations, Videos = _data.Videos, Output = _data.Output, Workers = 1 };
        Assert.ThrowsAny<OperationCanceledException>(() => DataImport.Run(options, new ImmediateProgress<ImportProgress>(_ => stop.Cancel()), stop.Token));
        Assert.False(File.Exists(Path.Combine(_data.Output, DataImport.TrainList)));
        Assert.Equal(2, DataImport.Run(options, cancellationToken: TestContext.Current.CancellationToken).Examined);
    }

    [Fact]
    public void A_check_finds_what_has_changed_since()
    {
        Ucf(["one", "two", "three", "four"]);
        ClipList train = _data.Import("ucf101").Train;
        Assert.Empty(DataCheck.Run(train, cancellationToken: TestContext.Current.CancellationToken));
        _data.Video("A/one.avi", MadeDataSet.Avi, seconds: 0.5);
        File.Delete(Path.Combine(_data.Videos, "A/two.avi"));
        File.WriteAllText(Path.Combine(_data.Videos, "A/three.avi"), "x");
        Assert.Equal([ProblemKind.Changed, ProblemKind.Missing, ProblemKind.Unreadable], DataCheck.Run(train, cancellationToken: TestContext.Current.CancellationToken).Select(problem => problem.Kind));
    }

    [Fact]
    public void Shown_size_and_frames_at_a_variable_rate_or_without_time_stamps_are_what_decoding_gives()
    {
        Ucf(["one"]);
        // Turned by 90 degrees; every third frame left out.
        string flat = _data.Video("flat.mp4", size: "64x32");
        global::FFMpegCore.FFMpegArguments.FromFileInput(flat)
            .OutputToFile(Path.Combine(_data.Videos, "uneven.mp4"), overwrite: true, output => output.WithCustomArgument("-vf select='mod(n,3)' -fps_mode vfr")).ProcessSynchronously();
        global::FFMpegCore.FFMpegArguments.FromFileInput(Path.Combine(_data.Videos, "uneven.mp4"))
            .OutputToFile(Path.Combine(_data.Videos, "A", "two.mp4"), overwrite: true, output => output.WithCustomArgument("-c copy -metadata:s:v:0 rotate=90")).ProcessSynchronously();
        // B frames in AVI have no time stamps.
        _data.Video("A/three.avi", "-c:v mpeg4 -bf 2 -q:v 4");
        _data.Write("trainlist01.txt", "A/one.avi 1\nA/two.avi 1\nA/three.avi 1\n");
        ClipList train = _data.Import("ucf101").Train;
        Assert.Equal(VideoFile.Decode(train.FullPath(train.Clips[2])).Count, train.Clips[2].Frames);
        ClipRecord turned = train.Clips[1];
        Assert.Equal(("A/two.mp4", 8, 32, 64), (turned.Path, turned.Frames, turned.Width, turned.Height));
    }

    private void Ucf(string[] names)
    {
        _data.Write("classInd.txt", "1 A\n").Write("trainlist01.txt", string.Concat(names.Select(name => $"A/{name}.avi 1\n"))).Write("testlist01.txt", "");
        foreach (string name in names)
            _data.Video($"A/{name}.avi", MadeDataSet.Avi);
    }
}
