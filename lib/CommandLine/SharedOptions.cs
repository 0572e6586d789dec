using System.CommandLine;
using ZeroI2V.Lab.VideoData.MicroWorld;

namespace ZeroI2V.Lab.CommandLine;

/// <summary>Options of several verbs: one name and one sentence for one thing.</summary>
internal static class SharedOptions
{
    /// <summary>Where models compute; an option of every verb whose models do.</summary>
    internal const string DeviceName = "--device";

    internal static Option<MicroSize> Size() => new("--size")
    {
        Description = "quick (seconds; for tests, shows nothing), small (minutes) or large (for training on a GPU).",
        DefaultValueFactory = _ => MicroSize.Small,
    };

    internal static Option<string> Data() => new("--data") { Description = "The data folder.", DefaultValueFactory = _ => "data" };

    internal static Option<string> Models() => new("--models") { Description = "The folder of image models.", DefaultValueFactory = _ => "models" };

    internal static Option<string> Runs() => new("--runs") { Description = "The folder of the runs.", DefaultValueFactory = _ => "runs" };

    /// <summary>A public data set in place of the lab's own data, with its image model, recipe and settings.</summary>
    internal static DataSetOptions DataSet() => new(
        new("--data-set") { Description = "A public data set that lab data import made lists of, such as ssv2 or ucf101-split2, in place of the lab's own data.", DefaultValueFactory = _ => "" },
        new("--image") { Description = "For a public data set: the image model, CLIP's .pt, or safetensors in its names.", DefaultValueFactory = _ => "" },
        new("--recipe") { Description = "For a public data set: a recipe of its manifest; by default its first.", DefaultValueFactory = _ => "" },
        new("--set") { Description = "For a public data set: changes one value of the recipe, such as training.epochs=10; may come several times.", DefaultValueFactory = _ => [] });

    /// <summary>Single values of the options.</summary>
    internal static Option<string[]> Settings(string example) => new("--set")
    {
        Description = $"Changes one value of the options, such as {example}; may come several times.",
        DefaultValueFactory = _ => [],
    };
}
