using System.Diagnostics;

namespace ZeroI2V.Lab.Evaluation.Speed;

/// <summary>
/// Times several things in turns, so that whatever else the machine does meets all of them alike. Each round gives one
/// time to each and so one ratio to each pair; medians and quartiles are those of the rounds.
/// </summary>
public sealed class InterleavedTiming
{
    private readonly List<Subject> _subjects = [];

    /// <summary>Adds something that is timed from here.</summary>
    /// <param name="name">What it is.</param>
    /// <param name="run">Runs it once, to its end: whoever uses a device waits for it.</param>
    public void Add(string name, Action run) => Add(name, () =>
    {
        long start = Stopwatch.GetTimestamp();
        run();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    });

    /// <summary>Adds something that tells its own time, such as another process.</summary>
    /// <param name="name">What it is.</param>
    /// <param name="run">Runs it once and gives its seconds.</param>
    public void Add(string name, Func<double> run) => _subjects.Add(new Subject(name, run));

    /// <summary>Names, in the order in which they were added.</summary>
    public IReadOnlyList<string> Names => [.. _subjects.Select(subject => subject.Name)];

    /// <summary>Runs all in turns, each round in another order, drawn once for all. In its turn each runs twice and the second time
    /// counts: the first finds caches, memory and sleeping threads as another left them, another process for one.</summary>
    /// <param name="warmUp">Rounds that do not count.</param>
    /// <param name="rounds">Rounds that count.</param>
    /// <param name="running">Told what runs next.</param>
    /// <param name="cancellationToken">Stops it between runs.</param>
    public void Measure(int warmUp, int rounds, Action<string>? running = null, CancellationToken cancellationToken = default)
    {
        var random = new Random(1);
        Subject[] order = [.. _subjects];
        for (int round = -warmUp; round < rounds; round++)
        {
            if (round >= 0)
                random.Shuffle(order);
            foreach (Subject subject in order)
            {
                cancellationToken.ThrowIfCancellationRequested();
                running?.Invoke(subject.Name);
                subject.Run();
                if (round < 0)
                    continue;
                TimeSpan processor = Environment.CpuUsage.TotalTime;
                double seconds = subject.Run();
                subject.Clock.Add(seconds);
                subject.Processor.Add((Environment.CpuUsage.TotalTime - processor).TotalSeconds);
            }
        }
    }

    /// <summary>Seconds on the clock, a round each.</summary>
    /// <param name="name">Whose.</param>
    public Samples Clock(string name) => new([.. Of(name).Clock]);

    /// <summary>Seconds of all this process's threads, a round each; other programs disturb them less.</summary>
    /// <param name="name">Whose.</param>
    public Samples Processor(string name) => new([.. Of(name).Processor]);

    private Subject Of(string name) => _subjects.Single(subject => subject.Name == name);

    private sealed record Subject(string Name, Func<double> Run)
    {
        public List<double> Clock { get; } = [];

        public List<double> Processor { get; } = [];
    }
}
