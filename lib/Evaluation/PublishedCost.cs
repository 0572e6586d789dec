using ZeroI2V.Lab.Adapters;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Stdha;

namespace ZeroI2V.Lab.Evaluation;

/// <summary>A row of a published table, with the options that it is about: the numbers to hold the counter against.</summary>
/// <param name="Name">Method, backbone, data set, frames.</param>
/// <param name="Options">The recogniser as it is trained.</param>
/// <param name="Views">Views that its operations are counted for.</param>
/// <param name="GFlops">Published multiply-adds of all views, in billions.</param>
/// <param name="Parameters">Published parameters at inference, in millions.</param>
/// <param name="Tuned">Published trained parameters, in millions; null where the table has none.</param>
/// <param name="Added">Published parameters beyond the image model's, in millions; null where the table has none.</param>
/// <param name="Source">The table.</param>
public sealed record PublishedCost(string Name, RecognizerOptions Options, int Views, double GFlops, double Parameters, double? Tuned, double? Added, string Source)
{
    private const string ZeroI2V = "README of MCG-NJU/ZeroI2V";
    private const string Aim = "README of taoyang1122/adapt-image-models";

    /// <summary>The rows that can be quoted.</summary>
    public static IReadOnlyList<PublishedCost> All { get; } =
    [
        new("ZeroI2V ViT-B/16, K400 8 frames", Presets.ViTB16.Kinetics400_8x16, 3, 422, 86, null, 0, ZeroI2V),
        new("ZeroI2V ViT-L/14, K400 8 frames", Presets.ViTL14.Kinetics400_8x16, 3, 1946, 304, null, 0, ZeroI2V),
        new("ZeroI2V ViT-L/14, K400 32 frames", Presets.ViTL14.Kinetics400_32x4, 3, 7783, 304, null, 0, ZeroI2V),
        new("ZeroI2V ViT-L/14, SSv2 32 frames", Presets.ViTL14.Ssv2_32, 3, 7783, 304, null, 0, ZeroI2V),
        AimRow("ViT-B/16", Presets.ViTB16.Kinetics400_8x16, 8, 606, 97, 11),
        AimRow("ViT-B/16", Presets.ViTB16.Kinetics400_8x16, 16, 1214, 97, 11),
        AimRow("ViT-B/16", Presets.ViTB16.Kinetics400_8x16, 32, 2428, 97, 11),
        AimRow("ViT-L/14", Presets.ViTL14.Kinetics400_8x16, 8, 2902, 341, 38),
        AimRow("ViT-L/14", Presets.ViTL14.Kinetics400_8x16, 16, 5604, 341, 38),
        AimRow("ViT-L/14", Presets.ViTL14.Kinetics400_8x16, 32, 11208, 341, 38),
    ];

    /// <summary>The rows about a recogniser of the same method, backbone, frames and classes.</summary>
    /// <param name="options">The recogniser.</param>
    public static PublishedCost? For(RecognizerOptions options) => All.FirstOrDefault(row => row.Options == options)
        ?? All.FirstOrDefault(row => row.Options with { Heads = HeadSplit.Spatial } == options with { Heads = HeadSplit.Spatial });

    private static PublishedCost AimRow(string backbone, RecognizerOptions preset, int frames, double gflops, double parameters, double tuned) =>
        new($"AIM {backbone}, K400 {frames} frames", AdaptationMethod.Aim.Apply(preset with { Frames = frames }), 3, gflops, parameters, tuned, null, Aim);
}
