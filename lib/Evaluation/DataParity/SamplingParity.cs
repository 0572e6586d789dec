using System.Text.Json;
using ZeroI2V.Lab.Parity;
using ZeroI2V.Lab.VideoData;

namespace ZeroI2V.Lab.Evaluation.DataParity;

/// <summary>Frame numbers.</summary>
internal static class SamplingParity
{
    public static IEnumerable<ParityRow> Check(JsonElement data) =>
        [StridedTest(data), StridedTable(data), StridedTrain(data), UniformTest(data), UniformTrain(data), Extras(data)];

    private static FrameSampling Strided(JsonElement e) => new()
    {
        Rule = FrameRule.Strided, Frames = e.Int("clip_len"), Stride = e.Int("frame_interval"), Clips = e.Int("num_clips"),
    };

    /// <summary>Sum over i of (i+1)*index[i], modulo 1000003.</summary>
    private static int Checksum(int[] indices) => (int)(indices.Select((index, i) => (i + 1L) * index).Sum() % 1000003);

    private static ParityRow StridedTest(JsonElement data)
    {
        var cases = new ParityCases("strided clips, test");
        foreach (JsonElement e in data.Cases("strided_test"))
            cases.Equal(e.Ints("indices"), Strided(e).Test(e.Int("total_frames")), () => e.Short());
        return cases.Row();
    }

    private static ParityRow StridedTable(JsonElement data)
    {
        var cases = new ParityCases("strided clips, test, every length");
        foreach (JsonElement e in data.Cases("strided_test_table"))
        {
            FrameSampling sampling = Strided(e);
            foreach (JsonElement row in e.Cases("rows"))
            {
                int n = row[0].GetInt32();
                int[] indices = sampling.Test(n);
                int[] expected = [.. row[1].Ints().Select(offset => offset % n), row[2].GetInt32()];
                cases.Equal(expected, [.. indices.Where((_, i) => i % sampling.Frames == 0), Checksum(indices)], () => row.Short());
            }
        }
        return cases.Row();
    }

    private static ParityRow StridedTrain(JsonElement data)
    {
        var cases = new ParityCases("strided clips, training");
        foreach (JsonElement e in data.Cases("strided_train"))
        {
            var draws = new PrescribedDraws();
            if (e.TryGetProperty("draw_range", out JsonElement range))
                draws.Then(range[0].GetInt32(), range[1].GetInt32(), e.Reals("draws"));
            Compare(cases, e, Strided(e).Train(e.Int("total_frames"), draws), draws);
        }
        return cases.Row();
    }

    private static ParityRow UniformTest(JsonElement data)
    {
        var cases = new ParityCases("uniform clips, test");
        foreach (JsonElement e in data.Cases("uniform_test"))
        {
            int[] indices = new FrameSampling { Frames = e.Int("clip_len"), Clips = e.Int("num_clips") }.Test(e.Int("total_frames"));
            if (e.TryGetProperty("checksum", out JsonElement checksum))
                cases.Same(checksum.GetInt32(), Checksum(indices), () => e.Short());
            else
                cases.Equal(e.Ints("indices"), indices, () => e.Short());
        }
        return cases.Row();
    }

    private static ParityRow UniformTrain(JsonElement data)
    {
        var cases = new ParityCases("uniform clips, training");
        foreach (JsonElement e in data.Cases("uniform_train"))
        {
            var draws = new PrescribedDraws();
            foreach ((JsonElement range, double value) in e.Cases("draw_ranges").Zip(e.Reals("draws")))
                draws.Then(range[0].GetInt32(), range[1].GetInt32(), value);
            Compare(cases, e, new FrameSampling { Frames = e.Int("clip_len") }.Train(e.Int("total_frames"), draws), draws);
        }
        return cases.Row();
    }

    private static ParityRow Extras(JsonElement data)
    {
        var cases = new ParityCases("further rules");
        foreach (JsonElement e in data.Cases("extras"))
        {
            JsonElement p = e.GetProperty("parameters");
            bool uniform = p.TryGetProperty("sampler", out _);
            var sampling = new FrameSampling
            {
                Rule = uniform ? FrameRule.Uniform : FrameRule.Strided,
                Frames = p.Int("clip_len"),
                Stride = uniform ? 1 : p.Int("frame_interval"),
                Clips = uniform ? 1 : p.Int("num_clips"),
                RepeatLast = p.TryGetProperty("out_of_bound_opt", out JsonElement option) && option.GetString() == "repeat_last",
                TwiceClips = p.Flag("twice_sample"),
                KeepTailFrames = p.Flag("keep_tail_frames"),
                JitterEachFrame = p.Flag("temporal_jitter"),
                TargetFrameRate = p.TryGetProperty("target_fps", out JsonElement rate) ? rate.GetDouble() : null,
                FirstFrame = e.Int("start_index"),
            };
            var draws = new PrescribedDraws();
            foreach (JsonElement group in e.Cases("draws"))
                draws.Then(group.GetProperty("range")[0].GetDouble(), group.GetProperty("range")[1].GetDouble(), group.Reals("values"));
            int n = e.Int("total_frames");
            Compare(cases, e, p.Flag("test_mode") ? sampling.Test(n, e.TryGetProperty("fps", out JsonElement own) ? own.GetDouble() : 0) : sampling.Train(n, draws), draws);
        }
        return cases.Row();
    }

    private static void Compare(ParityCases cases, JsonElement e, int[] found, PrescribedDraws draws)
    {
        cases.Equal(e.Ints("indices"), found, () => e.Short());
        cases.Holds(draws.AsPrescribed, () => $"{e.Short()}: other draws were asked for");
    }
}
