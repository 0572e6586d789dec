namespace Microsoft.DotNet.Interactive.Commands;

/// <summary>Which variables are there?</summary>
public class RequestValueInfos : KernelCommand
{
    public RequestValueInfos(string? targetKernelName = null, string mimeType = "text/plain+summary")
        : base(targetKernelName) => MimeType = mimeType;

    public string MimeType { get; }
}
