using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Training;
using ZeroI2V.Lab.VideoData;

namespace ZeroI2V.Lab.Evaluation;

/// <summary>
/// An official configuration: the recogniser, its recipe, which frames it sees and the views of the test. Crops, flips and
/// augmentation belong to the data set and stand in its manifest.
/// </summary>
/// <param name="Name">The preset's name, such as <c>ViTB16.Kinetics400_8x16</c>.</param>
/// <param name="Recognizer">The preset.</param>
/// <param name="Training">AdamW 3e-4, decay 0.05, batch 64, warm-up 2.5 epochs from a tenth, cosine to 0; epochs and smoothing by data set.</param>
/// <param name="Sampling">Frames in training, and in the test with its clips.</param>
/// <param name="Crops">Crops of the test: 1, the middle, or 3 along the longer side.</param>
/// <param name="Source">Where it is written.</param>
public sealed record OfficialConfig(string Name, RecognizerOptions Recognizer, TrainingOptions Training, FrameSampling Sampling, int Crops, string Source)
{
    /// <summary>Views of the test, clips × crops; their probabilities are averaged.</summary>
    public int Views => Sampling.Clips * Crops;

    /// <summary>Every official configuration.</summary>
    public static IReadOnlyList<OfficialConfig> All { get; } =
    [
        Kinetics("ViTB16.Kinetics400_8x16", Presets.ViTB16.Kinetics400_8x16, stride: 16, "CLIP-B_k400_8x16x1.py"),
        Kinetics("ViTL14.Kinetics400_8x16", Presets.ViTL14.Kinetics400_8x16, stride: 16, "CLIP-L_k400_8x16x1.py"),
        Kinetics("ViTL14.Kinetics400_32x4", Presets.ViTL14.Kinetics400_32x4, stride: 4, "CLIP-L_k400_32x4x1.py"),
        Uniform("ViTB16.Ssv2_16", Presets.ViTB16.Ssv2_16, SomethingRecipe, "CLIP-B_sthv2_u16.py"),
        Uniform("ViTL14.Ssv2_32", Presets.ViTL14.Ssv2_32, SomethingRecipe, "CLIP-L_sthv2_u32.py"),
        Uniform("ViTB16.Ucf101_8", Presets.ViTB16.Ucf101_8, KineticsRecipe, "vit_zero_base_clip_ucf101_u8_split1.py"),
        Uniform("ViTB16.Ucf101_32", Presets.ViTB16.Ucf101_32, KineticsRecipe, "vit_zero_base_clip_ucf101_u32_split1.py"),
        Uniform("ViTB16.Hmdb51_8", Presets.ViTB16.Hmdb51_8, KineticsRecipe, "vit_zero_base_clip_hmdb51_u8_split1.py"),
        Uniform("ViTB16.Hmdb51_32", Presets.ViTB16.Hmdb51_32, KineticsRecipe, "vit_zero_base_clip_hmdb51_u32_split1.py", clips: 2),
    ];

    /// <summary>A configuration by its preset's name.</summary>
    /// <param name="name">Such as <c>ViTB16.Kinetics400_8x16</c>; upper and lower case do not matter.</param>
    /// <exception cref="ArgumentException">There is none of that name; the message lists all.</exception>
    public static OfficialConfig Named(string name) => All.FirstOrDefault(config => config.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new ArgumentException($"There is no preset '{name}'; choose one of {string.Join(", ", All.Select(config => config.Name))}.", nameof(name));

    private static TrainingOptions KineticsRecipe => new() { Epochs = 40 };

    private static TrainingOptions SomethingRecipe => new() { Epochs = 50, LabelSmoothing = 0.1 };

    private static OfficialConfig Kinetics(string name, RecognizerOptions recognizer, int stride, string file) =>
        new(name, recognizer, KineticsRecipe, new FrameSampling { Rule = FrameRule.Strided, Frames = recognizer.Frames, Stride = stride, Clips = 3 }, Crops: 1, At(file));

    private static OfficialConfig Uniform(string name, RecognizerOptions recognizer, TrainingOptions training, string file, int clips = 1) =>
        new(name, recognizer, training, new FrameSampling { Frames = recognizer.Frames, Clips = clips }, Crops: 3, At(file));

    private static string At(string file) => $"MCG-NJU/ZeroI2V, configs/recognition/vit_zero_clip/{file}";
}
