using System.CommandLine;
using ZeroI2V.Lab.Ablations;

namespace ZeroI2V.Lab.CommandLine;

/// <summary>The options of a verb that name a public data set.</summary>
internal sealed record DataSetOptions(Option<string> Name, Option<string> Image, Option<string> Recipe, Option<string[]> Settings)
{
    /// <summary>Adds them to a command.</summary>
    internal Command To(Command command)
    {
        foreach (Option option in (Option[])[Name, Image, Recipe, Settings])
            command.Options.Add(option);
        return command;
    }

    /// <summary>What was given; null for the lab's own data.</summary>
    internal DataSetChoice? Of(ParseResult parsed) => DataSetChoice.Of(parsed.GetValue(Name)!, parsed.GetValue(Image)!, parsed.GetValue(Recipe)!, parsed.GetValue(Settings)!);
}
