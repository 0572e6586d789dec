using System.Collections.Concurrent;

namespace ZeroI2V.Lab.Training;

/// <summary>
/// Tells whether a run's owner is gone. On this machine the system knows. Of an owner elsewhere one can only see whether its
/// file changes: it is gone when that has not happened for <see cref="Patience"/> by this process's own count of time, which no
/// change of a clock disturbs.
/// </summary>
/// <param name="patience">How long an owner elsewhere may be silent; null for a minute, twelve times its pace.</param>
/// <param name="time">Counts the time; null for the system's count.</param>
public sealed class OwnerWatch(TimeSpan? patience = null, TimeProvider? time = null)
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly ConcurrentDictionary<string, (string Text, long Since)> _seen = new();

    /// <summary>How long an owner elsewhere may be silent.</summary>
    public TimeSpan Patience { get; } = patience ?? TimeSpan.FromMinutes(1);

    /// <summary>Looks at an owner's file.</summary>
    /// <param name="file">The file.</param>
    /// <returns>True: its run may be taken. False: it works. Null: not known yet, ask again later.</returns>
    public bool? IsGone(string file)
    {
        string text = File.ReadAllText(file);
        if (Parse(text)?.IsAtWork(file) is bool works)
            return !works;
        (string Text, long Since) seen = _seen.AddOrUpdate(
            file, _ => (text, _time.GetTimestamp()), (_, before) => before.Text == text ? before : (text, _time.GetTimestamp()));
        return _time.GetElapsedTime(seen.Since) >= Patience ? true : null;
    }

    /// <summary>The owner that a file tells of; null where it is damaged, which is an owner that nothing is known of.</summary>
    internal static RunOwner? Parse(string text)
    {
        try
        {
            return RunJson.Read<RunOwner>(text, "owner of a run");
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
