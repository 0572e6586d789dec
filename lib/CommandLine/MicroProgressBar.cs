using System.Globalization;
using ZeroI2V.Lab.VideoData.MicroWorld;

namespace ZeroI2V.Lab.CommandLine;

/// <summary>Says on the terminal how the making of synthetic data goes: one line that is rewritten, or a line now and then in a log.</summary>
internal sealed class MicroProgressBar : IProgress<MicroProgress>
{
    private long _last = -10_000;
    private bool _open;

    private MicroProgressBar()
    {
    }

    /// <summary>Runs a job that reports its progress.</summary>
    public static T Run<T>(Func<IProgress<MicroProgress>, T> job)
    {
        var bar = new MicroProgressBar();
        T result = job(bar);
        if (bar._open)
            Console.Error.WriteLine();
        return result;
    }

    /// <inheritdoc/>
    public void Report(MicroProgress value)
    {
        long now = Environment.TickCount64;
        bool rewrite = !Console.IsErrorRedirected, last = value.Done == value.Total;
        if (now - _last < (rewrite ? 200 : 10_000) && !last)
            return;
        _last = now;
        string line = string.Create(CultureInfo.InvariantCulture,
            $"Making {value.DataSet}: {100.0 * value.Done / value.Total:0} % of {value.Total} frames, {value.FramesPerSecond:0} frames/s, {value.Left:m\\:ss} left");
        if (rewrite)
        {
            Console.Error.Write("\r" + line.PadRight(79));
            _open = true;
        }
        else
        {
            Console.Error.WriteLine(line);
        }
    }
}
