using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using ZeroI2V.Lab.Files;

namespace ZeroI2V.Lab.Training;

/// <summary>
/// The right to work on a run, held by one process at a time. Owners are numbered files in <c>owners/</c>: the highest number
/// owns the run, numbers only grow, and making a file that is not there yet is what the disk does for one process alone. So of
/// many that find an owner gone one takes its place, and an owner that was only asleep sees the higher number and stops.
/// </summary>
public sealed class RunClaim : IDisposable
{
    /// <summary>How often an owner says that it lives.</summary>
    public static readonly TimeSpan Pace = TimeSpan.FromSeconds(5);

    private readonly string _folder;
    private readonly int _number;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly CancellationTokenSource _lost = new();
    private readonly Timer _timer;
    private readonly Lock _gate = new();
    private RunOwner _owner;
    private Exception? _silent;
    private bool _ended;

    private RunClaim(string folder, int number, RunOwner owner, double secondsBefore, TimeSpan pace)
    {
        (_folder, _number, _owner, SecondsBefore) = (folder, number, owner, secondsBefore);
        _timer = new Timer(_ => Beat(), null, pace, pace);
    }

    /// <summary>Cancelled when another process has taken the run over.</summary>
    public CancellationToken Lost => _lost.Token;

    /// <summary>How many owners the run has had, this one included.</summary>
    public int Parts => _number;

    /// <summary>Seconds that owners have worked on the run, this one until now included.</summary>
    public double Seconds => SecondsBefore + _clock.Elapsed.TotalSeconds;

    private double SecondsBefore { get; }

    /// <summary>Where a run's owners are kept, a file each.</summary>
    /// <param name="run">The run's folder.</param>
    internal static string OwnersOf(string run) => Path.Combine(run, "owners");

    /// <summary>Takes a run if nobody has it.</summary>
    /// <param name="run">The run's folder.</param>
    /// <param name="watch">Remembers owners elsewhere from one call to the next.</param>
    /// <param name="pace">How often to say that this process lives; null for <see cref="Pace"/>.</param>
    /// <returns>The claim; null where another process has the run, or may have it.</returns>
    internal static RunClaim? TryTake(string run, OwnerWatch watch, TimeSpan? pace = null)
    {
        string folder = OwnersOf(run);
        var owner = RunOwner.ThisProcess();
        while (true)
        {
            int last = Last(folder);
            if (MayBeHeld(folder, last, watch))
                return null;
            // Held before the file is there, or another thread of this process would take its owner for one that let go.
            string file = FileOf(folder, last + 1);
            RunOwner.Hold(file);
            if (AtomicFile.TryWriteNewText(file, Text(owner)))
                return new RunClaim(folder, last + 1, owner, SecondsOf(folder, last), pace ?? Pace);
            RunOwner.LetGo(file);
        }
    }

    /// <summary>Whether a process has the run, or may have it; takes nothing.</summary>
    /// <param name="run">The run's folder.</param>
    /// <param name="watch">Remembers owners elsewhere from one call to the next.</param>
    internal static bool MayBeHeld(string run, OwnerWatch watch)
    {
        string folder = OwnersOf(run);
        return MayBeHeld(folder, Last(folder), watch);
    }

    private static bool MayBeHeld(string folder, int last, OwnerWatch watch) => last > 0 && watch.IsGone(FileOf(folder, last)) != true;

    /// <summary>The last owner of a run.</summary>
    /// <param name="run">The run's folder.</param>
    /// <returns>The owner, null where there never was one or its file is damaged; and whether it is at work, null where that cannot be known from here.</returns>
    internal static (RunOwner? Owner, bool? IsAtWork) OwnerOf(string run)
    {
        string folder = OwnersOf(run);
        int last = Last(folder);
        if (last == 0)
            return (null, false);
        string file = FileOf(folder, last);
        RunOwner? owner = OwnerWatch.Parse(File.ReadAllText(file));
        return (owner, owner?.IsAtWork(file));
    }

    /// <summary>Checks, before something is written, that the run is still this process's.</summary>
    /// <exception cref="InvalidOperationException">Another process has taken it.</exception>
    public void Verify()
    {
        string next = FileOf(_folder, _number + 1);
        if (!File.Exists(next))
            return;
        Lose();
        string other = OwnerWatch.Parse(File.ReadAllText(next))?.ToString() ?? "another process";
        string silent = _silent is null ? "" : $" This process could not say that it lives: {_silent.Message}";
        throw new InvalidOperationException(
            $"The run in '{Path.GetDirectoryName(_folder)}' was taken over by {other}, because this process was silent for too long (asleep, or cut off from the disk); it stops here and has written nothing since.{silent}");
    }

    /// <summary>Lets go of the run, so that others need not wait.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        lock (_gate)
        {
            if (_ended)
                return;
            _ended = true;
            string file = FileOf(_folder, _number);
            RunOwner.LetGo(file);
            // The folder is gone where the run was removed under this claim.
            if (Directory.Exists(_folder) && !File.Exists(FileOf(_folder, _number + 1)))
                AtomicFile.WriteText(file, Text(_owner with { Released = true, Seconds = _clock.Elapsed.TotalSeconds }));
        }
    }

    private void Lose()
    {
        if (!_lost.IsCancellationRequested)
            _lost.Cancel();
    }

    private void Beat()
    {
        lock (_gate)
        {
            if (_ended)
                return;
            if (File.Exists(FileOf(_folder, _number + 1)))
            {
                Lose();
                return;
            }
            try
            {
                _owner = _owner with { Beat = _owner.Beat + 1, Seconds = _clock.Elapsed.TotalSeconds };
                AtomicFile.WriteText(FileOf(_folder, _number), Text(_owner));
                _silent = null;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // The next beat tries again; should the run be lost meanwhile, the message says why.
                _silent = error;
            }
        }
    }

    private static int Last(string folder)
    {
        int last = 0;
        while (File.Exists(FileOf(folder, last + 1)))
            last++;
        return last;
    }

    private static double SecondsOf(string folder, int last) =>
        Enumerable.Range(1, last).Sum(number => OwnerWatch.Parse(File.ReadAllText(FileOf(folder, number)))?.Seconds ?? 0);

    private static string FileOf(string folder, int number) => Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{number}.json"));

    private static string Text(RunOwner owner) => JsonSerializer.Serialize(owner, RunJson.Options) + "\n";
}
