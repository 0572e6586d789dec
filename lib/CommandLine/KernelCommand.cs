using System.CommandLine;
using ZeroI2V.Lab.Notebooks.Jupyter;

namespace ZeroI2V.Lab.CommandLine;

/// <summary><c>lab kernel</c> and <c>lab kernel install</c>.</summary>
internal static class KernelCommand
{
    public static Command Create()
    {
        var connection = new Argument<string>("connection") { Description = "The connection file that a client wrote." };
        var command = new Command("kernel", "The notebooks' C# kernel: started by Jupyter and VS Code, once installed.") { connection };
        command.Subcommands.Add(CreateInstall());
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string path = parsed.GetValue(connection)!;
            ConnectionFile file = ConnectionFile.Read(path);
            using CrashNote note = CrashNote.Begin(path);
            using var kernel = new JupyterKernel(file, note);
            using IDisposable watch = ParentProcess.Watch(() =>
            {
                note.Dispose();
                Environment.Exit(0);
            });
            await kernel.RunAsync(cancellationToken).ConfigureAwait(false);
            return 0;
        });
        return command;
    }

    private static Command CreateInstall()
    {
        var prefix = new Option<string?>("--prefix") { Description = "Install into DIR/share/jupyter/kernels. Default: for this user." };
        var command = new Command("install", "Tell Jupyter and VS Code of the kernel.") { prefix };
        command.SetAction(parsed =>
        {
            string folder = parsed.GetValue(prefix) is { } directory ? Path.Combine(directory, "share", "jupyter", "kernels") : KernelSpec.UserFolder();
            Console.WriteLine($"Installed: {KernelSpec.Install(folder)}");
            Console.WriteLine($"In VS Code: open a notebook, 'Select Kernel', 'Jupyter Kernel…', '{KernelReplies.DisplayName}'. Install again when this folder moves.");
            return 0;
        });
        return command;
    }
}
