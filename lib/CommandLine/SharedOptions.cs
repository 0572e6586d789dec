using System.CommandLine;
using ZeroI2V.Lab.VideoData.MicroWorld;

namespace ZeroI2V.Lab.CommandLine;

/// <summary>Options of several verbs: one name and one sentence for one thing.</summary>
internal static class SharedOptions
{
    internal static Option<MicroSize> Size() => new("--size")
    {
        Description = "quick (seconds; for tests, shows nothing), small (minutes) or large (for training on a GPU).",
        DefaultValueFactory = _ => MicroSize.Small,
    };

    internal static Option<string> Data() => new("--data") { Description = "The data folder.", DefaultValueFactory = _ => "data" };

    internal static Option<string> Models() => new("--models") { Description = "The folder of image models.", DefaultValueFactory = _ => "models" };

    internal static Option<string> Runs() => new("--runs") { Description = "The folder of the runs.", DefaultValueFactory = _ => "runs" };

    /// <summary>Single values of the options.</summary>
    internal static Option<string[]> Settings(string example) => new("--set")
    {
        Description = $"Changes one value of the options, such as {example}; may come several times.",
        DefaultValueFactory = _ => [],
    };
}
