using System.Diagnostics;

namespace ZeroI2V.Lab.Training;

/// <summary>How long steps take and how many examples a second that is, averaged over the last steps.</summary>
internal sealed class StepClock(int window)
{
    private readonly Queue<(double Seconds, int Examples)> _last = new();
    private long _began = Stopwatch.GetTimestamp();

    public double ExamplesPerSecond => _last.Count == 0 ? 0 : _last.Sum(s => s.Examples) / _last.Sum(s => s.Seconds);

    public TimeSpan SecondsPerStep => TimeSpan.FromSeconds(_last.Count == 0 ? 0 : _last.Average(s => s.Seconds));

    /// <summary>Begins to time a step: after an evaluation, so that its time does not count.</summary>
    public void Restart() => _began = Stopwatch.GetTimestamp();

    /// <summary>Ends a step, loading included, and begins the next.</summary>
    /// <returns>The step's seconds.</returns>
    public double Step(int examples)
    {
        long now = Stopwatch.GetTimestamp();
        double seconds = Stopwatch.GetElapsedTime(_began, now).TotalSeconds;
        _began = now;
        _last.Enqueue((seconds, examples));
        if (_last.Count > window)
            _last.Dequeue();
        return seconds;
    }
}
