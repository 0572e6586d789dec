using System.Security.Cryptography;
using ZeroI2V.Lab.VideoData.MicroWorld;

namespace ZeroI2V.Lab.Tests.MicroWorld;

public sealed class SceneTests
{
    [Fact]
    public void Mixing_is_SplitMix64()
    {
        // First output of SplitMix64 seeded with zero, as its author published it.
        Assert.Equal(0xE220A8397B1DCDAFUL, SceneRandom.Mix(0x9E3779B97F4A7C15));
    }

    [Fact]
    public void Streams_of_different_keys_differ_and_equal_keys_repeat()
    {
        Assert.Equal(SceneRandom.For(1, 2, 3).NextBits(), SceneRandom.For(1, 2, 3).NextBits());
        ulong[] firsts = [.. new[] { (1UL, 2, 3), (2UL, 2, 3), (1UL, 3, 2), (1UL, 2, 4) }
            .Select(k => SceneRandom.For(k.Item1, k.Item2, k.Item3).NextBits())];
        Assert.Equal(firsts.Length, firsts.Distinct().Count());
    }

    [Fact]
    public void Numbers_below_a_bound_are_even()
    {
        SceneRandom random = SceneRandom.For(5);
        var counts = new int[7];
        for (int i = 0; i < 70_000; i++)
            counts[random.Below(7)]++;
        Assert.All(counts, c => Assert.InRange(c, 9_600, 10_400));
        Assert.Throws<ArgumentOutOfRangeException>(() => random.Below(0));
    }

    [Fact]
    public void Own_arithmetic_agrees_with_the_system_s()
    {
        for (double x = -3; x <= 3; x += 0.00371)
        {
            Assert.Equal(Math.Sin(2 * Math.PI * x), SceneMath.SinTurns(x), 1e-8);
            Assert.Equal(Math.Cos(2 * Math.PI * x), SceneMath.CosTurns(x), 1e-8);
            Assert.Equal(1, SceneMath.Exp2(x) / Math.Pow(2, x), 1e-12);
            Assert.Equal(x, SceneMath.Log2(Math.Pow(2, x)), 1e-11);
        }
    }

    /// <summary>
    /// The bytes that a scene was drawn as when the generator got its version. Where this fails because the drawing was
    /// changed on purpose, raise Version in MicroSsv2 and MicroImages, so that data made before is made again.
    /// </summary>
    [Fact]
    public void A_scene_is_drawn_to_the_same_bytes_on_every_machine()
    {
        byte[] rgb = [.. Enumerable.Range(0, MicroMotion.All.Count).SelectMany(p => MicroSsv2.Draw(MicroSsv2.Scene("train", p, 0)))];
        Assert.Equal("2dff23f005ea7073f1a930261fa8fcfd68f40e3345392c24ec6577636dea3b87", Convert.ToHexStringLower(SHA256.HashData(rgb)));
    }

    [Fact]
    public void An_object_is_drawn_where_the_ground_truth_says()
    {
        for (int i = 0; i < 20; i++)
        {
            SceneRandom random = SceneRandom.For(11, i);
            ObjectLook look = ObjectLook.Draw(random, new MicroObject(MicroShape.Disc, MicroTexture.Plain, MicroHue.Yellow));
            var pose = new ObjectPose { X = random.Uniform(0.3, 0.7), Y = random.Uniform(0.3, 0.7), Radius = 0.18 };
            var plan = new ScenePlan
            {
                Objects = [look],
                Poses = [[pose]],
                Backdrop = new Backdrop(SceneRandom.For(12, i)),
                Camera = new CameraPath(random),
            };
            byte[] with = MicroSsv2.Draw(plan), without = MicroSsv2.Draw(plan with { Poses = [[pose with { Opacity = 0 }]] });
            double mass = 0, sumX = 0, sumY = 0;
            for (int at = 0; at < with.Length; at += 3)
            {
                // Blue hardly changes under the shadow; yellow has none, so it marks the disc itself.
                double change = Math.Max(0, with[at] - without[at]);
                mass += change;
                sumX += change * ((at / 3 % 64) + 0.5);
                sumY += change * ((at / 3 / 64) + 0.5);
            }
            ObjectTrack truth = MicroTruth.Of(plan, "x", 64, reversed: false).Objects[0];
            Assert.Equal(truth.X[0], sumX / mass, 1.0);
            Assert.Equal(truth.Y[0], sumY / mass, 1.0);
            Assert.Equal(0.18 * 64, truth.Radius[0], 1e-4);
        }
    }

    [Fact]
    public void Only_objects_that_look_different_when_turned_spin()
    {
        int spinning = MicroSsv2.Classes.ToList().IndexOf("spinning clockwise") / 2;
        foreach (string split in (string[])["train", "test"])
        {
            for (int scene = 0; scene < 100; scene++)
                Assert.All(MicroSsv2.Scene(split, spinning, scene).Objects, look => Assert.True(look.Object.ShowsItsTurn));
        }
        Assert.False(new MicroObject(MicroShape.Disc, MicroTexture.Plain, MicroHue.Red).ShowsItsTurn);
        Assert.True(new MicroObject(MicroShape.Disc, MicroTexture.Halves, MicroHue.Red).ShowsItsTurn);
        Assert.True(new MicroObject(MicroShape.Arrow, MicroTexture.Plain, MicroHue.Red).ShowsItsTurn);
    }

    [Fact]
    public void Cyclic_motions_start_anywhere_at_many_speeds_and_keep_their_sense_clear()
    {
        int spinning = MicroSsv2.Classes.ToList().IndexOf("spinning clockwise") / 2;
        const int Scenes = 400;
        double x = 0, y = 0;
        var speeds = new List<double>();
        for (int scene = 0; scene < Scenes; scene++)
        {
            double[] turns = [.. MicroSsv2.Scene("train", spinning, scene).Poses.Select(p => p[0].Turn)];
            x += SceneMath.CosTurns(turns[0]) / Scenes;
            y += SceneMath.SinTurns(turns[0]) / Scenes;
            speeds.Add((turns[^1] - turns[0]) * 360 / 7.67);
            // Random sampling of eight segments can take frames up to five apart; beyond half a turn the sense would flip.
            for (int i = 5; i < turns.Length; i++)
                Assert.InRange(turns[i] - turns[i - 5], 1e-6, 0.499);
        }
        Assert.InRange(Math.Sqrt((x * x) + (y * y)), 0, 0.13);
        speeds.Sort();
        Assert.InRange(speeds[Scenes / 20], 10, 30);
        Assert.InRange(speeds[Scenes * 19 / 20], 50, 90);
    }

    [Fact]
    public void A_motion_and_its_reverse_have_the_same_pace_on_average()
    {
        // If moving right, say, always sped up, its reverse would slow down, and the pace alone would tell them apart.
        const int Scenes = 600;
        double middle = 0;
        for (int scene = 0; scene < Scenes; scene++)
        {
            double[] at = [.. MicroSsv2.Scene("train", 0, scene).Poses.Select(p => p[0].X)];
            double half = (at[11] + at[12]) / 2;
            middle += (half - at[0]) / (at[^1] - at[0]) / Scenes;
        }
        Assert.InRange(middle, 0.48, 0.52);
    }

    [Fact]
    public void Ground_truth_files_that_are_damaged_are_refused()
    {
        string folder = Directory.CreateTempSubdirectory("micro-truth-").FullName;
        try
        {
            string path = Path.Combine(folder, "truth.bin");
            MicroTruth.Write(path, [MicroTruth.Of(MicroSsv2.Scene("train", 6, 0), "train/x/0000.mp4", 64, false)], MicroSsv2.Frames);
            ClipTruth read = Assert.Single(MicroTruth.Read(path));
            Assert.Equal("train/x/0000.mp4", read.Path);
            byte[] good = File.ReadAllBytes(path);
            byte[] manyClips = [.. good];
            manyClips[7] = 0x7F;
            foreach (byte[] bad in (byte[][])[[], good[..3], good[..^1], [.. good, 0], [1, .. good[1..]], manyClips])
            {
                File.WriteAllBytes(path, bad);
                InvalidDataException error = Assert.Throws<InvalidDataException>(() => MicroTruth.Read(path));
                Assert.Contains(path, error.Message, StringComparison.Ordinal);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
