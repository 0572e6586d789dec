using ZeroI2V.Lab.VideoData;
using ZeroI2V.Lab.VideoData.MicroWorld;

namespace ZeroI2V.Lab.Tests.MicroWorld;

public sealed class MicroSsv2Tests(QuickData made)
{
    public static TheoryData<string> SplitNames => ["train", "test"];

    [Fact]
    public void Lists_are_valid_balanced_and_labelled_synthetic()
    {
        foreach (ClipList list in (ClipList[])[made.Clips.Train, made.Clips.Test])
        {
            list.Validate();
            Assert.True(list.Synthetic);
            Assert.Contains("synthetic", list.Name, StringComparison.Ordinal);
            Assert.Equal(22, list.Classes.Count);
            Assert.Equal(22, list.Clips.CountBy(c => c.Label).Count());
            Assert.Single(list.Clips.CountBy(c => c.Label).Select(c => c.Value).Distinct());
        }
        Assert.Equal(12, MicroSsv2.ClassGroups.Count(g => g == "directional"));
        Assert.Equal(10, MicroSsv2.ClassGroups.Count(g => g == "cyclic"));
    }

    [Fact]
    public void Every_class_has_a_partner_in_its_own_group()
    {
        for (int label = 0; label < MicroSsv2.Classes.Count; label++)
        {
            int partner = MicroSsv2.ReversedClass[label];
            Assert.NotEqual(label, partner);
            Assert.Equal(label, MicroSsv2.ReversedClass[partner]);
            Assert.Equal(MicroSsv2.ClassGroups[label], MicroSsv2.ClassGroups[partner]);
        }
    }

    [Fact]
    public void Files_are_H264_and_decode_to_the_frames_that_the_list_names()
    {
        ClipList list = made.Clips.Train;
        foreach (ClipRecord clip in (ClipRecord[])[list.Clips[0], list.Clips[37], list.Clips[^1]])
        {
            VideoInfo info = VideoFile.Probe(list.FullPath(clip));
            Assert.Equal("h264", info.Codec);
            Assert.Equal((MicroSsv2.Frames, MicroSsv2.FrameSize, MicroSsv2.FrameSize), (info.Frames, info.Width, info.Height));
            Assert.Equal(clip.Sha256, VideoFile.Decode(list.FullPath(clip)).Sha256());
        }
    }

    [Theory]
    [MemberData(nameof(SplitNames))]
    public void A_class_and_its_partner_show_the_same_frames_in_opposite_order(string split)
    {
        ClipList list = split == "train" ? made.Clips.Train : made.Clips.Test;
        int last = MicroSsv2.Frames - 1;
        for (int label = 0; label < list.Classes.Count; label += 2)
        {
            FrameStack forward = made.Frames(list, label);
            FrameStack backward = made.Frames(list, label + 1);
            double reversed = Enumerable.Range(0, last + 1)
                .Average(i => Difference(forward.Frame(i), backward.Frame(last - i)));
            double inOrder = Difference(forward.Frame(0), backward.Frame(0));
            // Only the compression, which looks back in time, differs.
            Assert.True(reversed < 4, $"{list.Classes[label]}: {reversed} grey levels");
            if (MicroSsv2.ClassGroups[label] == "directional")
                Assert.True(inOrder > reversed, $"{list.Classes[label]}: {inOrder} in order, {reversed} reversed");
        }
    }

    [Theory]
    [MemberData(nameof(SplitNames))]
    public void Averages_over_time_do_not_tell_a_class_from_its_partner(string split)
    {
        ClipList list = split == "train" ? made.Clips.Train : made.Clips.Test;
        for (int label = 0; label < list.Classes.Count; label += 2)
        {
            double[] forward = TimeAverage(list, label), backward = TimeAverage(list, label + 1);
            double meanBias = forward.Zip(backward, (a, b) => a - b).Average();
            double meanSize = forward.Zip(backward, (a, b) => Math.Abs(a - b)).Average();
            Assert.InRange(meanBias, -0.5, 0.5);
            Assert.InRange(meanSize, 0, 2);
        }

        double[] TimeAverage(ClipList list, int label)
        {
            FrameStack frames = made.Frames(list, label);
            var mean = new double[frames.FrameBytes];
            for (int i = 0; i < frames.Rgb.Length; i++)
                mean[i % mean.Length] += frames.Rgb[i] / (double)frames.Count;
            return mean;
        }
    }

    [Fact]
    public void Test_objects_are_unseen_in_training_by_shape_and_by_hue()
    {
        MicroObject[] train = Objects("train"), test = Objects("test");
        Assert.NotEmpty(train);
        Assert.NotEmpty(test);
        Assert.Empty(train.Select(o => o.Shape).Intersect(test.Select(o => o.Shape)));
        Assert.Empty(train.Select(o => o.Hue).Intersect(test.Select(o => o.Hue)));
        Assert.Empty(ObjectRoster.Train.Shapes.Intersect(ObjectRoster.Test.Shapes));
        Assert.Empty(ObjectRoster.Train.Hues.Intersect(ObjectRoster.Test.Hues));

        MicroObject[] Objects(string split) =>
            [.. MicroTruth.Read(MicroSsv2.TruthPath(made.Root, MicroSize.Quick, split)).SelectMany(c => c.Objects).Select(o => o.What)];
    }

    [Theory]
    [MemberData(nameof(SplitNames))]
    public void Ground_truth_lies_inside_the_frame_and_runs_backwards_in_the_partner(string split)
    {
        ClipList list = split == "train" ? made.Clips.Train : made.Clips.Test;
        var truth = MicroTruth.Read(MicroSsv2.TruthPath(made.Root, MicroSize.Quick, split)).ToDictionary(t => t.Path);
        Assert.Equal(list.Clips.Select(c => c.Path).Order(), truth.Keys.Order());
        foreach (ClipRecord clip in list.Clips)
        {
            foreach (ObjectTrack track in truth[clip.Path].Objects)
            {
                Assert.Equal(clip.Frames, track.X.Count);
                // A drifting object is half outside while it wraps around, and the camera shakes by two pixels.
                Assert.All(track.X, x => Assert.InRange(x, -3, MicroSsv2.FrameSize + 3));
                Assert.All(track.Y, y => Assert.InRange(y, -3, MicroSsv2.FrameSize + 3));
                Assert.All(track.Radius, r => Assert.InRange(r, 0, MicroSsv2.FrameSize / 2));
            }
            string partner = MicroSsv2.Classes[MicroSsv2.ReversedClass[clip.Label]].Replace(' ', '-');
            ClipTruth other = truth[$"{split}/{partner}/{Path.GetFileName(clip.Path)}"];
            Assert.Equal(truth[clip.Path].Objects.Select(o => o.What), other.Objects.Select(o => o.What));
            Assert.Equal(truth[clip.Path].Objects[0].X, other.Objects[0].X.Reverse());
        }
    }

    private static double Difference(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
            sum += Math.Abs(a[i] - b[i]);
        return sum / a.Length;
    }
}
