namespace ZeroI2V.Lab.Ablations;

/// <summary>A task of a job array as SLURM tells of it.</summary>
/// <param name="Id">Its number: job and index, <c>123_4</c>.</param>
/// <param name="State">SLURM's word: PENDING, RUNNING, FAILED, TIMEOUT, …</param>
/// <param name="Detail">The node that it is on, or why it waits; "" where neither is known.</param>
public sealed record SlurmTask(string Id, string State, string Detail)
{
    private static readonly HashSet<string> s_ended =
        ["BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE", "FAILED", "NODE_FAIL", "OUT_OF_MEMORY", "PREEMPTED", "REVOKED", "TIMEOUT"];

    /// <summary>Whether it waits or runs: every state but those that squeue(1) calls the end of a job.</summary>
    public bool IsAlive => !s_ended.Contains(State);

    /// <summary>Whether SLURM says that its program runs. One that is COMPLETING may have been cancelled; that is waited for.</summary>
    public bool IsRunning => State == "RUNNING";

    /// <summary>Whether someone ended it on purpose: it is not to be done again unasked.</summary>
    public bool IsCancelled => State == "CANCELLED";

    /// <summary>The state, and where or why: "PENDING (Resources)".</summary>
    public override string ToString() => Detail.Length == 0 ? State : $"{State} ({Detail})";
}

/// <summary>SLURM did not do what it was asked, or does not answer.</summary>
/// <param name="message">What it was asked, and what it said.</param>
public sealed class SlurmException(string message) : Exception(message);
