using ZeroI2V.Lab.Training;

namespace ZeroI2V.Lab.CommandLine;

/// <summary>
/// Progress on standard error: one line that is rewritten in a terminal, a line now and then in a log. Results go to
/// standard output, so that they can be kept apart.
/// </summary>
internal sealed class ProgressLine
{
    private readonly Lock _lock = new();
    private readonly bool _rewrites = !Console.IsErrorRedirected;
    private long _last = long.MinValue / 2;
    private bool _open;

    /// <summary>Says where the work is; most calls show nothing, so that work that is told often is not slowed.</summary>
    public void Report(string text)
    {
        lock (_lock)
        {
            long now = Environment.TickCount64;
            if (now - _last < (_rewrites ? 200 : 15_000))
                return;
            _last = now;
            if (_rewrites)
            {
                int width = Math.Max(20, Console.WindowWidth - 1);
                Console.Error.Write("\r" + (text.Length > width ? text[..(width - 1)] + "…" : text.PadRight(width)));
                _open = true;
            }
            else
            {
                Console.Error.WriteLine(text);
            }
        }
    }

    /// <summary>Says something that stays, in a line of its own.</summary>
    public void Note(string text)
    {
        Clear();
        Console.Error.WriteLine($"lab: {text}");
    }

    /// <summary>Runs a job whose progress is shown on a line, which is wiped away at the end.</summary>
    /// <param name="say">What the line says.</param>
    /// <param name="job">The job; it may tell its progress from any thread.</param>
    /// <returns>What the job returns.</returns>
    public static TResult Run<TProgress, TResult>(Func<TProgress, string> say, Func<IProgress<TProgress>, TResult> job)
    {
        var line = new ProgressLine();
        try
        {
            return job(new ImmediateProgress<TProgress>(value => line.Report(say(value))));
        }
        finally
        {
            line.Clear();
        }
    }

    /// <summary>Wipes the line away.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            if (_open)
                Console.Error.Write("\r" + new string(' ', Math.Max(20, Console.WindowWidth - 1)) + "\r");
            _open = false;
            _last = long.MinValue / 2;
        }
    }
}
