using System.CommandLine;
using Spectre.Console;
using ZeroI2V.Lab.Reporting;

namespace ZeroI2V.Lab.CommandLine;

/// <summary><c>lab methods</c>: the methods by name, and the options of the one model that they set.</summary>
internal static class MethodsCommand
{
    internal static Command Create()
    {
        var command = new Command("methods", "Lists ZeroI2V and the methods it is compared with, and the options that make ablations.");
        command.SetAction(_ =>
        {
            AnsiConsole.Write(TerminalTable.From(MethodTables.Methods()));
            AnsiConsole.Write(TerminalTable.From(MethodTables.Options()));
            AnsiConsole.WriteLine("lab train --method aim takes a method; lab train --set recognizer.heads.border=Wrap sets an option.");
            return 0;
        });
        return command;
    }
}
