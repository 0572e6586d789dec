using ZeroI2V.Lab.Adapters;

namespace ZeroI2V.Lab.Evaluation;

/// <summary>An accuracy that the authors of a method published, to stand in a column of its own beside the lab's results on other data.</summary>
/// <param name="Method">The method.</param>
/// <param name="Setting">Backbone, data set and frames, as far as the source says them.</param>
/// <param name="Top1">Top-1, percent.</param>
/// <param name="Source">Where it stands.</param>
public sealed record PublishedAccuracy(AdaptationMethod Method, string Setting, double Top1, string Source)
{
    private const string ZeroI2V = "README of MCG-NJU/ZeroI2V", Aim = "README of taoyang1122/adapt-image-models", StAdapter = "README of linziyi96/st-adapter";

    /// <summary>The rows that can be quoted; those in which ZeroI2V is behind too.</summary>
    public static IReadOnlyList<PublishedAccuracy> All { get; } =
    [
        new(AdaptationMethod.ZeroI2V, "ViT-B/16, K400, 8 frames", 83.0, ZeroI2V),
        new(AdaptationMethod.ZeroI2V, "ViT-L/14, K400, 8 frames", 86.3, ZeroI2V),
        new(AdaptationMethod.ZeroI2V, "ViT-L/14, K400, 32 frames", 87.2, ZeroI2V),
        new(AdaptationMethod.ZeroI2V, "ViT-L/14, SSv2, 32 frames", 72.2, ZeroI2V),
        new(AdaptationMethod.Aim, "ViT-B/16, K400, 8 frames", 83.9, Aim),
        new(AdaptationMethod.Aim, "ViT-B/16, K400, 16 frames", 84.5, Aim),
        new(AdaptationMethod.Aim, "ViT-B/16, K400, 32 frames", 84.7, Aim),
        new(AdaptationMethod.Aim, "ViT-L/14, K400, 8 frames", 86.8, Aim),
        new(AdaptationMethod.Aim, "ViT-L/14, K400, 16 frames", 87.3, Aim),
        new(AdaptationMethod.Aim, "ViT-L/14, K400, 32 frames", 87.5, Aim),
        new(AdaptationMethod.StAdapter, "ViT-B/16, K400", 82.2, StAdapter),
        new(AdaptationMethod.StAdapter, "ViT-B/16, SSv2", 66.9, StAdapter),
    ];
}
