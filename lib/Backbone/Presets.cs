using ZeroI2V.Lab.Adapters;
using ZeroI2V.Lab.Stdha;

namespace ZeroI2V.Lab.Backbone;

/// <summary>
/// The official configurations (MCG-NJU/ZeroI2V), by backbone, data set, and frames × stride where a stride is part
/// of the recipe. Change one with a <c>with</c> expression.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Naming", "CA1707", Justification = "8x16 is frames times stride; the underscore parts it from the data set.")]
public static class Presets
{
    /// <summary>CLIP ViT-B/32: D 768, L 12, h 12. No official configuration uses it; it is the small one of CLIP's.</summary>
    public static class ViTB32
    {
        /// <summary>The image model, 224 pixels.</summary>
        public static VitOptions Backbone { get; } = ViTB16.Backbone with { PatchSize = 32 };
    }

    /// <summary>CLIP ViT-B/16: D 768, L 12, h 12.</summary>
    public static class ViTB16
    {
        /// <summary>The image model, 224 pixels.</summary>
        public static VitOptions Backbone { get; } = new() { Width = 768, Layers = 12, Heads = 12, PatchSize = 16, Resolution = 224 };

        /// <summary>Kinetics-400, 8 frames of stride 16: Δt −1, +1; scale 0.5.</summary>
        public static RecognizerOptions Kinetics400_8x16 { get; } = new()
        {
            Backbone = Backbone,
            Frames = 8,
            Classes = 400,
            Heads = HeadSplit.Lowest(-1, 1),
            Adapters = new AdapterOptions { Scale = 0.5 },
        };

        /// <summary>Something-Something V2, 16 frames: Δt −1, +1, −2, +2; scale 1; no adapter dropout.</summary>
        public static RecognizerOptions Ssv2_16 { get; } = new()
        {
            Backbone = Backbone,
            Frames = 16,
            Classes = 174,
            Heads = HeadSplit.Lowest(-1, 1, -2, 2),
            Adapters = new AdapterOptions { Scale = 1, Dropout = 0 },
        };

        /// <summary>UCF101, 8 frames: Δt −1, +1; scale 0.5.</summary>
        public static RecognizerOptions Ucf101_8 { get; } = Kinetics400_8x16 with { Classes = 101 };

        /// <summary>UCF101, 32 frames: Δt −1, +1, −2, +2; scale 0.5.</summary>
        public static RecognizerOptions Ucf101_32 { get; } = Ucf101_8 with { Frames = 32, Heads = HeadSplit.Lowest(-1, 1, -2, 2) };

        /// <summary>HMDB51, 8 frames: Δt −1, +1; scale 0.5.</summary>
        public static RecognizerOptions Hmdb51_8 { get; } = Ucf101_8 with { Classes = 51 };

        /// <summary>HMDB51, 32 frames: Δt −1, +1, −2, +2; scale 0.5.</summary>
        public static RecognizerOptions Hmdb51_32 { get; } = Ucf101_32 with { Classes = 51 };
    }

    /// <summary>CLIP ViT-L/14: D 1024, L 24, h 16.</summary>
    public static class ViTL14
    {
        /// <summary>The image model, 224 pixels.</summary>
        public static VitOptions Backbone { get; } = new() { Width = 1024, Layers = 24, Heads = 16, PatchSize = 14, Resolution = 224 };

        /// <summary>The image model, 336 pixels (CLIP's ViT-L/14@336px).</summary>
        public static VitOptions Backbone336 { get; } = Backbone with { Resolution = 336 };

        /// <summary>Kinetics-400, 8 frames of stride 16: Δt −1, −1, +1, +1; scale 0.5.</summary>
        public static RecognizerOptions Kinetics400_8x16 { get; } = new()
        {
            Backbone = Backbone,
            Frames = 8,
            Classes = 400,
            Heads = HeadSplit.Lowest(-1, -1, 1, 1),
            Adapters = new AdapterOptions { Scale = 0.5 },
        };

        /// <summary>Kinetics-400, 32 frames of stride 4: Δt −1, −1, +1, +1, −2, −2; scale 0.5.</summary>
        public static RecognizerOptions Kinetics400_32x4 { get; } = Kinetics400_8x16 with { Frames = 32, Heads = HeadSplit.Lowest(-1, -1, 1, 1, -2, -2) };

        /// <summary>Something-Something V2, 32 frames: Δt −1, −1, +1, +1, −2, +2, −3; scale 1.</summary>
        public static RecognizerOptions Ssv2_32 { get; } = new()
        {
            Backbone = Backbone,
            Frames = 32,
            Classes = 174,
            Heads = HeadSplit.Lowest(-1, -1, 1, 1, -2, 2, -3),
            Adapters = new AdapterOptions { Scale = 1 },
        };
    }
}
