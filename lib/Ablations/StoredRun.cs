using ZeroI2V.Lab.Evaluation;
using ZeroI2V.Lab.Training;

namespace ZeroI2V.Lab.Ablations;

/// <summary>How far a run in the store has come.</summary>
public enum RunState
{
    /// <summary>Its result is there.</summary>
    Finished,

    /// <summary>A process on this machine works on it.</summary>
    Running,

    /// <summary>A process on another machine holds it; whether it lives cannot be known from here.</summary>
    Elsewhere,

    /// <summary>Nobody works on it; it can be taken up.</summary>
    Interrupted,

    /// <summary>Its files cannot be read: damaged, or of another version.</summary>
    Damaged,
}

/// <summary>One run in the store.</summary>
/// <param name="Name">The folder's name.</param>
/// <param name="Path">The folder.</param>
/// <param name="State">How far it has come.</param>
/// <param name="Options">Its options; null where they cannot be read.</param>
/// <param name="Result">What came out; null where it is not finished or cannot be read.</param>
/// <param name="Epochs">Finished epochs.</param>
/// <param name="Owner">The last process that worked on it; null where that was an early version.</param>
/// <param name="Problem">What is wrong with a damaged one; null otherwise.</param>
public sealed record StoredRun(
    string Name, string Path, RunState State, VideoRunOptions? Options, VideoRunResult? Result, int Epochs, RunOwner? Owner, string? Problem)
{
    /// <summary>Reads a run's folder and changes nothing in it.</summary>
    /// <param name="path">The folder.</param>
    public static StoredRun Read(string path)
    {
        var folder = new RunFolder(path);
        string name = System.IO.Path.GetFileName(folder.Path);
        (RunOwner? owner, bool? works) = RunClaim.OwnerOf(folder.Path);
        try
        {
            VideoRunOptions options = folder.ReadOptions<VideoRunOptions>().Validate();
            VideoRunResult? result = folder.HasResult ? folder.ReadResult<VideoRunResult>() : null;
            RunState state = result is not null ? RunState.Finished
                : works == true ? RunState.Running
                : works is null ? RunState.Elsewhere
                : RunState.Interrupted;
            return new StoredRun(name, folder.Path, state, options, result, folder.ReadMetrics().Count, owner, null);
        }
        catch (FileNotFoundException) when (works != false)
        {
            // Taken a moment ago.
            return new StoredRun(name, folder.Path, works is null ? RunState.Elsewhere : RunState.Running, null, null, 0, owner, null);
        }
        catch (Exception problem) when (problem is ArgumentException or IOException)
        {
            return new StoredRun(name, folder.Path, RunState.Damaged, null, null, 0, owner, problem.Message);
        }
    }
}
