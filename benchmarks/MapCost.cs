using System.Diagnostics;
using System.Globalization;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Evaluation;
using ZeroI2V.Lab.GradCam;
using ZeroI2V.Lab.Stdha;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Benchmarks;

/// <summary>
/// What maps cost: all groups of heads of the last block of ViT-B/16 for one clip of 8 frames, beside one forward and backward
/// pass; and the memory of the process over many clips of a small model.
/// </summary>
internal static class MapCost
{
    private const double MostRatio = 1.3;
    private const int Clips = 1000, Settled = 100;
    private const double MostGrowth = 0.05;

    /// <summary>Prints both; 1 where one is past its limit.</summary>
    public static int Run(int rounds) => Time(rounds) & Memory() ? 0 : 1;

    private static bool Time(int rounds)
    {
        const string Pass = "forward and backward", Maps = "all groups of the last block", Every = "all groups, five methods";
        using var scope = NewDisposeScope();
        manual_seed(1);
        using var model = new VideoRecognizer(Presets.ViTB16.Kinetics400_8x16);
        model.eval();
        Tensor clip = randn([1, 3, 8, 224, 224]);
        CamSubject subject = CamSubject.Of(model);
        var timed = new Interleaved();
        timed.Add(Pass, () =>
        {
            using var inner = NewDisposeScope();
            Tensor input = clip.detach().requires_grad_();
            model.call(input)[0, 7].backward();
            model.zero_grad();
        });
        timed.Add(Maps, () => Explain([CamMethod.GradCam]));
        timed.Add(Every, () => Explain(CamMethod.Every));
        timed.Measure(warmUp: 1, rounds);
        timed.PrintTimes();
        double ratio = timed.PrintRatio(Maps, Pass);
        timed.PrintRatio(Every, Pass);
        return ratio <= MostRatio;

        void Explain(IReadOnlyList<CamMethod> methods)
        {
            LayerMaps maps = ClassActivation.Explain(subject, clip, new CamOptions { Methods = methods, Scores = [CamScore.Of(7)] })[0].Maps[0];
            foreach (HeadGroup group in HeadGroup.Of(maps.Origin.Offsets))
                maps.Map(group);
        }
    }

    private static bool Memory()
    {
        using var scope = NewDisposeScope();
        using var model = new VideoRecognizer(MicroRecipe.Recognizer with { Heads = HeadSplit.Lowest(-1, 1) });
        int side = model.Options.Backbone.Resolution;
        CamSubject subject = CamSubject.Of(model);
        var options = new CamOptions { Methods = CamMethod.Every };
        long settled = 0, tensors = 0;
        for (int i = 0; i < Clips; i++)
        {
            using var inner = NewDisposeScope();
            ClassActivation.Explain(subject, randn([1, 3, model.Options.Frames, side, side]), options);
            if (i + 1 == Settled)
                (settled, tensors) = (Resident(), Tensor.TotalCount);
        }
        double growth = (double)Resident() / settled - 1;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"memory after {Settled} clips: {settled / 1048576.0:F0} MiB; after {Clips}: {100 * growth:+0.0;-0.0} %; live tensors: {Tensor.TotalCount - tensors:+0;-0;0}"));
        return growth <= MostGrowth;
    }

    private static long Resident()
    {
        GC.Collect();
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
