using System.Runtime.CompilerServices;

namespace CellCheckpoints;

/// <summary>
/// Where a cell's code can be stopped: the C# kernel's stand-in puts <see cref="Pass"/> into every loop and <see cref="Enter"/>
/// into every function of a cell. An assembly of its own, because compiled cells call it, and the stand-in itself shows nothing that the real
/// package lacks.
/// </summary>
public static class Checkpoint
{
    private static int _stopping;

    /// <summary>Ends the cell here if it is to stop. Costs next to nothing where no cell is.</summary>
    public static void Pass()
    {
        if (Volatile.Read(ref _stopping) != 0)
            CellRun.Current?.ThrowIfStopping();
    }

    /// <summary>The same at the head of a function, where one that calls itself without end fails while there is room to say so: a stack overflow would end the process.</summary>
    public static void Enter()
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        Pass();
    }

    internal static void Add(int runs) => Interlocked.Add(ref _stopping, runs);
}

/// <summary>One run of a cell, in all threads and tasks that its code starts.</summary>
public sealed class CellRun
{
    private static readonly AsyncLocal<CellRun?> Running = new();
    private int _state;

    /// <summary>The run that the calling code is part of.</summary>
    public static CellRun? Current => Running.Value;

    /// <summary>Code that is called and started from here on is of this run.</summary>
    public void Enter() => Running.Value = this;

    /// <summary>Its code ends at its next checkpoint, also in what it left running.</summary>
    public void Stop()
    {
        if (Interlocked.CompareExchange(ref _state, 1, 0) == 0)
            Checkpoint.Add(1);
    }

    /// <summary>The cell has ended: nothing of it needs to be stopped any more.</summary>
    public void End()
    {
        if (Interlocked.CompareExchange(ref _state, 0, 1) == 1)
            Checkpoint.Add(-1);
    }

    internal void ThrowIfStopping()
    {
        if (Volatile.Read(ref _state) == 1)
            throw new OperationCanceledException("The cell was interrupted.");
    }
}
