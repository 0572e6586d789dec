using System.Diagnostics;
using System.Globalization;

namespace ZeroI2V.Lab.Benchmarks;

/// <summary>
/// Times several things in turns, so that whatever else the machine does meets all of them alike. Each round gives one
/// ratio for each pair; the median of the ratios is the result, the quartiles its spread. Beside the time on the clock
/// stands the processor time of all threads, which other programs disturb less.
/// </summary>
internal sealed class Interleaved
{
    private readonly List<Subject> _subjects = [];

    /// <summary>Adds something to time.</summary>
    public void Add(string name, Action run) => _subjects.Add(new Subject(name, run));

    /// <summary>Runs all in turns, each round in another order.</summary>
    public void Measure(int warmUp, int rounds)
    {
        for (int round = -warmUp; round < rounds; round++)
            for (int turn = 0; turn < _subjects.Count; turn++)
            {
                Subject subject = _subjects[(turn + Math.Max(round, 0)) % _subjects.Count];
                TimeSpan processor = Environment.CpuUsage.TotalTime;
                long start = Stopwatch.GetTimestamp();
                subject.Run();
                if (round < 0)
                    continue;
                subject.Clock.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                subject.Processor.Add((Environment.CpuUsage.TotalTime - processor).TotalMilliseconds);
            }
    }

    /// <summary>Median and quartiles of the times, in milliseconds.</summary>
    public void PrintTimes()
    {
        foreach (Subject subject in _subjects)
            Print(subject.Name, subject.Clock, subject.Processor, "F1", " ms");
    }

    /// <summary>The median of one subject's time on the clock over another's; prints also its quartiles and the processor's.</summary>
    public double PrintRatio(string over, string under)
    {
        Subject above = _subjects.Single(subject => subject.Name == over), below = _subjects.Single(subject => subject.Name == under);
        double[] clock = Ratios(above.Clock, below.Clock);
        Print($"{over} / {under}", clock, Ratios(above.Processor, below.Processor), "F4", "");
        return Quantile(clock, 0.5);
    }

    private static double[] Ratios(List<double> above, List<double> below) => [.. above.Zip(below, (a, b) => a / b)];

    private static void Print(string name, IReadOnlyList<double> clock, IReadOnlyList<double> processor, string format, string unit)
    {
        Console.WriteLine($"{name}: {clock.Count} rounds");
        Console.WriteLine(Line("clock", clock, format, unit));
        Console.WriteLine(Line("processor", processor, format, unit));
    }

    private static string Line(string name, IReadOnlyList<double> values, string format, string unit)
    {
        return $"  {name,-9} median {At(0.5)}{unit}, quartiles {At(0.25)} to {At(0.75)}, least {At(0)}";

        string At(double share) => Quantile(values, share).ToString(format, CultureInfo.InvariantCulture);
    }

    private static double Quantile(IReadOnlyList<double> values, double share)
    {
        double[] sorted = [.. values.Order()];
        double place = share * (sorted.Length - 1);
        int below = (int)place;
        return sorted[below] + ((place - below) * (sorted[Math.Min(below + 1, sorted.Length - 1)] - sorted[below]));
    }

    private sealed record Subject(string Name, Action Run)
    {
        public List<double> Clock { get; } = [];

        public List<double> Processor { get; } = [];
    }
}
