namespace ZeroI2V.Lab.Training;

/// <summary>Passes reports on as they come, on the job's own thread; <see cref="Progress{T}"/> would pass them through another, late and out of order.</summary>
/// <param name="pass">Takes each report.</param>
internal sealed class ImmediateProgress<T>(Action<T> pass) : IProgress<T>
{
    /// <inheritdoc/>
    public void Report(T value) => pass(value);
}
