namespace Microsoft.DotNet.Interactive.Commands;

/// <summary>Something that a kernel is asked to do.</summary>
public abstract class KernelCommand
{
    private string? _token;

    protected KernelCommand(string? targetKernelName = null) => TargetKernelName = targetKernelName;

    /// <summary>The command during whose handling this one was sent, if any.</summary>
    public KernelCommand? Parent { get; internal set; }

    public string? TargetKernelName { get; internal set; }

    /// <summary>An identifier shared by all events of this command.</summary>
    public string GetOrCreateToken() => _token ??= Parent is null ? Guid.NewGuid().ToString("N") : $"{Parent.GetOrCreateToken()}.{Guid.NewGuid():N}";

    public void SetToken(string token)
    {
        if (_token is not null && _token != token)
            throw new InvalidOperationException("Command token cannot be changed.");
        _token = token;
    }
}
