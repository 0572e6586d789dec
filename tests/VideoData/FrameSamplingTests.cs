using System.Text.Json;
using ZeroI2V.Lab.VideoData;

namespace ZeroI2V.Lab.Tests.VideoData;

public sealed class FrameSamplingTests
{
    private static readonly JsonElement s_data = ParityData.Json("sampling_open.json");

    private static FrameSampling Strided(JsonElement e) => new()
    {
        Rule = FrameRule.Strided, Frames = e.Int("clip_len"), Stride = e.Int("frame_interval"), Clips = e.Int("num_clips"),
    };

    private static ParityData.Replay Draws(JsonElement e)
    {
        var replay = new ParityData.Replay();
        if (e.TryGetProperty("draw_range", out JsonElement range))
            replay.Then(range[0].GetInt32(), range[1].GetInt32(), e.Ints("draws").Select(draw => (double)draw));
        return replay;
    }

    [Fact]
    public void Strided_clips_for_testing_are_the_official_ones()
    {
        foreach (JsonElement e in s_data.GetProperty("strided_test").EnumerateArray())
            Assert.Equal(e.Ints("indices"), Strided(e).Test(e.Int("total_frames")));
    }

    [Fact]
    public void Strided_clips_for_testing_are_the_official_ones_at_every_length_of_the_table()
    {
        foreach (JsonElement e in s_data.GetProperty("strided_test_table").EnumerateArray())
        {
            FrameSampling sampling = Strided(e);
            foreach (JsonElement row in e.GetProperty("rows").EnumerateArray())
            {
                int n = row[0].GetInt32();
                int[] indices = sampling.Test(n);
                Assert.Equal(row[1].Ints().Select(offset => offset % n), indices.Where((_, i) => i % sampling.Frames == 0));
                Assert.Equal(row[2].GetInt32(), ParityData.Checksum(indices));
            }
        }
    }

    [Fact]
    public void Strided_clips_for_training_are_the_official_ones_for_the_same_draws()
    {
        var rules = new HashSet<string>();
        foreach (JsonElement e in s_data.GetProperty("strided_train").EnumerateArray())
        {
            ParityData.Replay draws = Draws(e);
            Assert.Equal(e.Ints("indices"), Strided(e).Train(e.Int("total_frames"), draws));
            draws.ExpectEnd();
            rules.Add(e.GetProperty("rule").GetString()!);
        }
        Assert.Equal(["ratio", "segments", "sorted", "zero"], rules.Order());
    }

    [Fact]
    public void Uniform_clips_for_testing_are_the_official_ones()
    {
        foreach (JsonElement e in s_data.GetProperty("uniform_test").EnumerateArray())
        {
            int[] indices = new FrameSampling { Frames = e.Int("clip_len"), Clips = e.Int("num_clips") }.Test(e.Int("total_frames"));
            if (e.TryGetProperty("checksum", out JsonElement checksum))
                Assert.Equal(checksum.GetInt32(), ParityData.Checksum(indices));
            else
                Assert.Equal(e.Ints("indices"), indices);
        }
    }

    [Fact]
    public void Uniform_clips_for_training_are_the_official_ones_for_the_same_draws()
    {
        foreach (JsonElement e in s_data.GetProperty("uniform_train").EnumerateArray())
        {
            var draws = new ParityData.Replay();
            int[] drawn = e.Ints("draws");
            for (int i = 0; i < drawn.Length; i++)
                draws.Then(e.GetProperty("draw_ranges")[i][0].GetInt32(), e.GetProperty("draw_ranges")[i][1].GetInt32(), drawn[i]);
            Assert.Equal(e.Ints("indices"), new FrameSampling { Frames = e.Int("clip_len") }.Train(e.Int("total_frames"), draws));
            draws.ExpectEnd();
        }
    }

    [Fact]
    public void The_further_cases_are_the_official_ones()
    {
        var cases = new HashSet<string>();
        foreach (JsonElement e in s_data.GetProperty("extras").EnumerateArray())
        {
            JsonElement p = e.GetProperty("parameters");
            bool Is(string name) => p.TryGetProperty(name, out JsonElement value) && value.GetBoolean();
            bool uniform = p.TryGetProperty("sampler", out _);
            var sampling = new FrameSampling
            {
                Rule = uniform ? FrameRule.Uniform : FrameRule.Strided,
                Frames = p.Int("clip_len"),
                Stride = uniform ? 1 : p.Int("frame_interval"),
                Clips = uniform ? 1 : p.Int("num_clips"),
                RepeatLast = p.TryGetProperty("out_of_bound_opt", out JsonElement option) && option.GetString() == "repeat_last",
                TwiceClips = Is("twice_sample"),
                KeepTailFrames = Is("keep_tail_frames"),
                JitterEachFrame = Is("temporal_jitter"),
                TargetFrameRate = p.TryGetProperty("target_fps", out JsonElement rate) ? rate.GetDouble() : null,
                FirstFrame = e.Int("start_index"),
            };
            var draws = new ParityData.Replay();
            if (e.TryGetProperty("draws", out JsonElement drawn))
            {
                foreach (JsonElement group in drawn.EnumerateArray())
                {
                    JsonElement range = group.GetProperty("range");
                    draws.Then(range[0].GetDouble(), range[1].GetDouble(), group.GetProperty("values").EnumerateArray().Select(v => v.GetDouble()));
                }
            }
            double fps = e.TryGetProperty("fps", out JsonElement own) ? own.GetDouble() : 0;
            int n = e.Int("total_frames");
            int[] indices = Is("test_mode") ? sampling.Test(n, fps) : sampling.Train(n, draws);
            draws.ExpectEnd();
            Assert.True(e.Ints("indices").SequenceEqual(indices), $"{e}\nfound {string.Join(",", indices)}");
            cases.Add(e.GetProperty("case").GetString()!);
        }
        Assert.Equal(9, cases.Count);
    }

    [Fact]
    public void Keeping_tail_frames_draws_real_numbers_over_the_whole_of_each_part()
    {
        // N = 100, T = 8, s = 4, C = 3: a = 69 / 3 = 23.
        var sampling = new FrameSampling { Rule = FrameRule.Strided, Frames = 8, Stride = 4, Clips = 3, KeepTailFrames = true };
        var draws = new ParityData.Replay().Then(0, 23, 22.99, 0, 0.5);
        Assert.Equal([22, 23, 46], sampling.Train(100, draws).Where((_, i) => i % 8 == 0));
    }

    [Fact]
    public void Every_drawn_frame_is_in_the_video()
    {
        var draws = new SeededDraws(7);
        foreach (FrameSampling sampling in (FrameSampling[])[
            new() { Frames = 8 },
            new() { Rule = FrameRule.Strided, Frames = 8, Stride = 4, Clips = 2 },
            new() { Rule = FrameRule.Strided, Frames = 8, Stride = 4, JitterEachFrame = true, KeepTailFrames = true },
            new() { Rule = FrameRule.Strided, Frames = 8, Stride = 4, RepeatLast = true }])
        {
            for (int n = 1; n < 70; n++)
            {
                Assert.All(sampling.Train(n, draws), index => Assert.InRange(index, 0, n - 1));
                Assert.All(sampling.Test(n), index => Assert.InRange(index, 0, n - 1));
            }
        }
    }

    [Fact]
    public void Options_that_do_not_fit_together_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new FrameSampling { Frames = 0 }.Test(5));
        Assert.Throws<ArgumentException>(() => new FrameSampling { Frames = 8, Stride = 4 }.Test(5));
        Assert.Throws<ArgumentException>(() => new FrameSampling { Frames = 8 }.Test(0));
        Assert.Throws<ArgumentException>(() => new FrameSampling { Rule = FrameRule.Strided, Frames = 8, TwiceClips = true }.Test(5));
        Assert.Throws<ArgumentException>(() => new FrameSampling { Rule = FrameRule.Strided, Frames = 8, TargetFrameRate = 30 }.Test(5));
        Assert.Throws<ArgumentException>(
            () => new FrameSampling { Rule = FrameRule.Strided, Frames = 8, TargetFrameRate = 30 }.Train(5, new SeededDraws(0)));
    }
}
