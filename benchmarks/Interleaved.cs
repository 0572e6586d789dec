using System.Globalization;
using ZeroI2V.Lab.Evaluation.Speed;

namespace ZeroI2V.Lab.Benchmarks;

/// <summary><see cref="InterleavedTiming"/> on the terminal: the time on the clock, and the processor time of all threads beside it.</summary>
internal sealed class Interleaved
{
    private readonly InterleavedTiming _timing = new();

    /// <summary>Adds something to time.</summary>
    public void Add(string name, Action run) => _timing.Add(name, run);

    /// <summary>Runs all in turns, each round in another order.</summary>
    public void Measure(int warmUp, int rounds) => _timing.Measure(warmUp, rounds);

    /// <summary>Median and quartiles of the times, in milliseconds.</summary>
    public void PrintTimes()
    {
        foreach (string name in _timing.Names)
            Print(name, Milliseconds(_timing.Clock(name)), Milliseconds(_timing.Processor(name)), "F1", " ms");

        static Samples Milliseconds(Samples seconds) => new([.. seconds.Values.Select(value => 1000 * value)]);
    }

    /// <summary>The median of one subject's time on the clock over another's; prints also its quartiles and the processor's.</summary>
    public double PrintRatio(string over, string under)
    {
        Samples clock = _timing.Clock(over).Over(_timing.Clock(under));
        Print($"{over} / {under}", clock, _timing.Processor(over).Over(_timing.Processor(under)), "F4", "");
        return clock.Median;
    }

    private static void Print(string name, Samples clock, Samples processor, string format, string unit)
    {
        Console.WriteLine($"{name}: {clock.Values.Count} rounds");
        Console.WriteLine(Line("clock", clock, format, unit));
        Console.WriteLine(Line("processor", processor, format, unit));
    }

    private static string Line(string name, Samples values, string format, string unit)
    {
        return $"  {name,-9} median {At(0.5)}{unit}, quartiles {At(0.25)} to {At(0.75)}, least {At(0)}";

        string At(double share) => values.Quantile(share).ToString(format, CultureInfo.InvariantCulture);
    }
}
