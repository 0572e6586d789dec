using System.Globalization;
using ZeroI2V.Lab.Files;
using ZeroI2V.Lab.Training;
using ZeroI2V.Lab.VideoData.MicroWorld;

namespace ZeroI2V.Lab.Ablations;

/// <summary>How a sweep is given to SLURM.</summary>
/// <param name="Options">More options of <c>sbatch</c>, such as <c>--partition=gpu</c>.</param>
/// <param name="MostAtOnce">How many tasks of an array may run at once; null for as many as the cluster gives.</param>
/// <param name="Retries">How often a run is submitted again after its task ended without a result.</param>
public sealed record SlurmSettings(IReadOnlyList<string> Options, int? MostAtOnce, int Retries)
{
    /// <summary>
    /// How long a task may be RUNNING to SLURM while its run's folder tells of nobody at work, before it is taken for over, cancelled
    /// and its run submitted again. Longer than a task takes from its start to its claim on the run.
    /// </summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromMinutes(1);
}

/// <summary>How far a sweep on SLURM has come.</summary>
/// <param name="Finished">Runs with a result.</param>
/// <param name="Running">Tasks that run.</param>
/// <param name="Waiting">Tasks that wait.</param>
/// <param name="Total">All runs.</param>
/// <param name="Note">What went wrong just now and is tried again, such as a controller that does not answer; null for nothing.</param>
public sealed record SlurmProgress(int Finished, int Running, int Waiting, int Total, string? Note);

/// <summary>A run that SLURM could not bring to its end.</summary>
/// <param name="Title">The run.</param>
/// <param name="Task">Its last task; null where SLURM knows of none.</param>
/// <param name="Log">What that task wrote.</param>
public sealed record SlurmFailure(string Title, SlurmTask? Task, string Log);

/// <summary>
/// A sweep as SLURM job arrays, one run a task. What is done stands in the run store and nowhere else; SLURM is asked only which
/// tasks are alive, and not believed where the store knows better (<see cref="SlurmTaskWatch"/>). A run is submitted when it has no
/// result and no living task; should two tasks get one run all the same, the run's claim lets one of them do it. Each array is a file of runs in <c>runs/sweeps/NAME-SIZE.slurm/</c>, beside its tasks' logs.
/// </summary>
public sealed class SlurmSweep
{
    private readonly string _folder;
    private readonly string _prefix;

    /// <summary>The arrays of a sweep.</summary>
    /// <param name="store">The run store.</param>
    /// <param name="name">The sweep's name.</param>
    /// <param name="size">Its size.</param>
    public SlurmSweep(RunStore store, string name, MicroSize size)
    {
        ArgumentNullException.ThrowIfNull(store);
        _prefix = $"{name}-{SweepRecord.Word(size)}";
        _folder = Path.Combine(store.Root, "sweeps", $"{_prefix}.slurm");
    }

    /// <summary>Whether the sweep was ever given to SLURM.</summary>
    public bool WasSubmitted => Files().Count > 0;

    /// <summary>What SLURM does with each run: its living task, or else its last one.</summary>
    /// <returns>Tasks by the name of the run's folder; a run that SLURM knows nothing of is not among them.</returns>
    /// <exception cref="SlurmException">SLURM does not answer.</exception>
    public IReadOnlyDictionary<string, SlurmTask> Tasks() => Known().ToDictionary(run => run.Key, run => (run.FirstOrDefault(task => task.Task.IsAlive) ?? run.Last()).Task);

    /// <summary>Submits every run that has neither a result nor a living task.</summary>
    /// <param name="work">The runs of the sweep.</param>
    /// <param name="settings">How they are submitted.</param>
    /// <returns>How many runs were submitted.</returns>
    /// <exception cref="SlurmException">SLURM did not accept them, or does not answer.</exception>
    public int Submit(WorkList work, SlurmSettings settings)
    {
        ArgumentNullException.ThrowIfNull(work);
        IReadOnlyDictionary<string, SlurmTask> tasks = Tasks();
        return Submit(work, settings, [.. work.List.Where(run => !IsFinished(work, run) && !(tasks.TryGetValue(NameOf(run), out SlurmTask? task) && task.IsAlive))]);
    }

    /// <summary>Submits what is open, waits until every run is finished, and submits again what ended without a result.</summary>
    /// <param name="work">The runs of the sweep.</param>
    /// <param name="settings">How they are submitted.</param>
    /// <param name="pace">How often SLURM is asked; null for every ten seconds.</param>
    /// <param name="progress">Told each time.</param>
    /// <param name="cancellationToken">Ends the waiting; the tasks go on.</param>
    /// <returns>Runs that were cancelled, or failed more often than is tried; none where every run is finished.</returns>
    /// <exception cref="SlurmException">The first submission was not accepted. Later a controller that does not answer is waited for.</exception>
    public IReadOnlyList<SlurmFailure> Execute(
        WorkList work, SlurmSettings settings, TimeSpan? pace = null, IProgress<SlurmProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(settings);
        Submit(work, settings);
        var retries = new Dictionary<string, int>();
        var watch = new SlurmTaskWatch(settings.Grace, new OwnerWatch());
        while (true)
        {
            // Results before tasks: a task that ends between the two looks finished, and never failed.
            ListedRun[] open = [.. work.List.Where(run => !IsFinished(work, run))];
            if (open.Length == 0)
                return [];
            int running = 0, waiting = 0;
            string? note = null;
            try
            {
                ILookup<string, SubmittedTask> known = Known();
                SubmittedTask[] living = [.. work.List.SelectMany(run => known[NameOf(run)].Where(task => watch.Lives(task.Log, task.Task, FolderOf(work, run))))];
                ListedRun[] ended = [.. open.Where(run => !living.Any(task => task.Run == NameOf(run)) && !IsFinished(work, run))];
                ListedRun[] lost = [.. ended.Where(run => !WasCancelled(run) && retries.GetValueOrDefault(NameOf(run)) < settings.Retries)];
                if (lost.Length > 0)
                {
                    Submit(work, settings, lost);
                    foreach (ListedRun run in lost)
                        retries[NameOf(run)] = retries.GetValueOrDefault(NameOf(run)) + 1;
                }
                // So that the controller gives their slots to others.
                foreach (SubmittedTask dead in known.SelectMany(run => run).Where(task => task.Task.IsAlive && watch.WasGivenUp(task.Log)))
                {
                    note = $"SLURM's task {dead.Task.Id} is {dead.Task.State} to its controller, but nobody works on its run; it is cancelled";
                    SlurmPrograms.Cancel(dead.Task);
                }
                if (lost.Length == 0 && ended.Length == open.Length)
                    return [.. ended.Select(run => known[NameOf(run)].LastOrDefault() is { } last ? new SlurmFailure(run.Title, last.Task, last.Log) : new SlurmFailure(run.Title, null, ""))];
                running = living.Count(task => task.Task.IsRunning);
                waiting = living.Length - running;

                bool WasCancelled(ListedRun run) => known[NameOf(run)].LastOrDefault(task => !watch.WasGivenUp(task.Log))?.Task.IsCancelled == true;
            }
            catch (SlurmException silent)
            {
                note = silent.Message;
            }
            progress?.Report(new SlurmProgress(work.List.Count - open.Length, running, waiting, work.List.Count, note));
            cancellationToken.WaitHandle.WaitOne(pace ?? TimeSpan.FromSeconds(10));
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Cancels every task of the sweep; checkpoints stay.</summary>
    /// <returns>How many tasks waited or ran.</returns>
    /// <exception cref="SlurmException">SLURM did not do it.</exception>
    public int Cancel()
    {
        string[] names = [.. Files().Select(JobName)];
        int alive = SlurmPrograms.Tasks(names).Values.Count(task => task.IsAlive);
        SlurmPrograms.Cancel(names);
        return alive;
    }

    private int Submit(WorkList work, SlurmSettings settings, ListedRun[] runs)
    {
        if (runs.Length == 0)
            return 0;
        foreach (ListedRun[] part in runs.Chunk(SlurmPrograms.LargestArray()))
        {
            // A name that no other array has, in this store or another.
            string file = Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"{Files().Count + 1:0000}-{Guid.NewGuid().ToString("N")[..8]}.json"));
            (work with { List = part }).Write(file);
            SlurmPrograms.Submit(JobName(file), part.Length, settings.MostAtOnce, LabProcess.Command("sweep", "work", file, "--task"), LogOf(file, "%a"), settings.Options);
        }
        return runs.Length;
    }

    /// <summary>Every task that SLURM knows of the sweep, by the name of its run's folder, in the order of their submission.</summary>
    private ILookup<string, SubmittedTask> Known()
    {
        IReadOnlyList<string> files = Files();
        IReadOnlyDictionary<(string Name, int Index), SlurmTask> tasks = SlurmPrograms.Tasks([.. files.Select(JobName)]);
        var known = new List<SubmittedTask>();
        foreach (string file in files)
        {
            IReadOnlyList<ListedRun> runs = WorkList.Read(file).List;
            for (int i = 0; i < runs.Count; i++)
            {
                if (tasks.TryGetValue((JobName(file), i), out SlurmTask? task))
                    known.Add(new SubmittedTask(NameOf(runs[i]), task, LogOf(file, i.ToString(CultureInfo.InvariantCulture))));
            }
        }
        return known.ToLookup(task => task.Run);
    }

    private IReadOnlyList<string> Files() => !Directory.Exists(_folder) ? [] : [.. Directory.EnumerateFiles(_folder, "*.json").Order(StringComparer.Ordinal)];

    private string JobName(string file) => $"lab-{_prefix}-{Path.GetFileNameWithoutExtension(file)}";

    private static string LogOf(string file, string index) => $"{Path.ChangeExtension(file, null)}-{index}.log";

    private static string NameOf(ListedRun run) => run.Options.FolderName();

    private static string FolderOf(WorkList work, ListedRun run) => new RunStore(work.Runs).FinishedOr(run.Options).Folder;

    private static bool IsFinished(WorkList work, ListedRun run) => new RunFolder(FolderOf(work, run)).HasResult;

    private sealed record SubmittedTask(string Run, SlurmTask Task, string Log);
}
