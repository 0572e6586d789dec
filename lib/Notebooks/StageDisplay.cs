using System.Diagnostics;
using Microsoft.DotNet.Interactive;
using Microsoft.DotNet.Interactive.Formatting;
using ZeroI2V.Lab.Ablations;

namespace ZeroI2V.Lab.Notebooks;

/// <summary>Shows in a cell how far a computation has come: a line for each finished stage, the present one below, updated in place.</summary>
public sealed class StageDisplay : IProgress<FirstLightProgress>
{
    private static readonly TimeSpan BetweenUpdates = TimeSpan.FromSeconds(0.5);

    private readonly Lock _gate = new();
    private readonly List<string> _finished = [];
    private readonly DisplayedValue _shown = "…".Display("text/plain");
    private readonly Stopwatch _sinceUpdate = Stopwatch.StartNew();

    /// <summary>Cancelled when the running cell is interrupted.</summary>
    public CancellationToken Stop { get; } = KernelInvocationContext.Current?.CancellationToken ?? CancellationToken.None;

    /// <inheritdoc/>
    public void Report(FirstLightProgress value)
    {
        ArgumentNullException.ThrowIfNull(value);
        string line = $"{value.Stage}: {value.Detail}";
        lock (_gate)
        {
            if (value.Finished)
                _finished.Add(line);
            else if (_sinceUpdate.Elapsed < BetweenUpdates)
                return;
            _sinceUpdate.Restart();
            _shown.Update(string.Join('\n', value.Finished ? _finished : [.. _finished, line]));
        }
    }
}
