using ZeroI2V.Lab.Training;

namespace ZeroI2V.Lab.Ablations;

/// <summary>
/// Tells which tasks are over though SLURM says that they run. A controller that was away when a task ended, or a node that cannot
/// reach it, leaves it RUNNING for minutes or for good; the run's folder knows better. A task is over when for <paramref name="grace"/>
/// its run had a result, or nobody at work on it: no longer is needed to come from the task's start to the run's claim.
/// </summary>
/// <param name="grace">How long that must last, by this process's own count of time.</param>
/// <param name="owners">Remembers owners on other machines.</param>
/// <param name="time">Counts the time; null for the system's count.</param>
internal sealed class SlurmTaskWatch(TimeSpan grace, OwnerWatch owners, TimeProvider? time = null)
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly Dictionary<string, long> _idle = [];
    private readonly HashSet<string> _over = [];

    /// <summary>Whether a task can still bring its run to an end.</summary>
    /// <param name="key">Names the task; not its number, which comes again where a controller has lost its state.</param>
    /// <param name="task">What SLURM says.</param>
    /// <param name="folder">The run's folder.</param>
    internal bool Lives(string key, SlurmTask task, string folder)
    {
        if (!task.IsAlive || _over.Contains(key))
            return false;
        if (!task.IsRunning || (!new RunFolder(folder).HasResult && RunClaim.MayBeHeld(folder, owners)))
        {
            _idle.Remove(key);
            return true;
        }
        if (!_idle.TryGetValue(key, out long since))
            _idle[key] = since = _time.GetTimestamp();
        if (_time.GetElapsedTime(since) < grace)
            return true;
        _over.Add(key);
        return false;
    }

    /// <summary>Whether a task was found over while SLURM said that it runs; what SLURM says of it from then on is no one's wish.</summary>
    /// <param name="key">The task.</param>
    internal bool WasGivenUp(string key) => _over.Contains(key);
}
