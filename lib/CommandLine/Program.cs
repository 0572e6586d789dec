using System.CommandLine;

namespace ZeroI2V.Lab.CommandLine;

/// <summary>The <c>lab</c> program: one verb a file in this folder.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        var root = new RootCommand("ZeroI2V Lab: image-to-video adaptation at zero extra inference cost.");
        foreach (Command verb in Verbs())
            root.Subcommands.Add(verb);
        return await root.Parse(args).InvokeAsync().ConfigureAwait(false);
    }

    /// <summary>Every verb, in the order in which <c>lab --help</c> lists them.</summary>
    private static IEnumerable<Command> Verbs() =>
    [
        DataCommand.Create(),
        PretrainCommand.Create(),
        TrainCommand.Create(),
        NotebookCommand.Create(),
        ParityCommand.Create(),
        FoldCommand.Create(),
    ];
}
