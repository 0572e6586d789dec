using System.Globalization;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Benchmarks;
using ZeroI2V.Lab.Reparameterization;
using ZeroI2V.Lab.Stdha;
using static TorchSharp.torch;

// ViT-B/16, 8 frames, batch 1, float32 on the CPU, random weights:
// - the plain image model applied to frames, in C# and the same operators in C++;
// - ZeroI2V folded, in C# and in C++.
// Arguments: [rounds] [threads]; or reading [rounds], which measures reading weight files instead; maps [rounds], which measures
// Grad-CAM; or parts [rounds] [frames] [bfloat16], each operation of a block by itself; or data [rounds] [clips] [python], which measures loading of videos.
if (args is ["reading", ..])
    return ReadingSpeed.Run(args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 7);
if (args is ["maps", ..])
    return MapCost.Run(args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 5);
if (args is ["parts", ..])
    return BlockParts.Run(args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 21, args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 8, args is [.., "bfloat16"] ? ScalarType.BFloat16 : ScalarType.Float32);
if (args is ["peak", var file])
    return ReadingSpeed.Peak(file);
if (args is ["data", .. string[] rest])
    return DataLoading.Run(rest);
int rounds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 15;
if (args.Length > 1)
    set_num_threads(int.Parse(args[1], CultureInfo.InvariantCulture));

// The same operators on both sides: libtorch's.
Environment.SetEnvironmentVariable("LAB_KERNELS_LIBRARY", "");
const string Plain = "plain ViT, C#", PlainNative = "plain ViT, C++", Folded = "folded ZeroI2V, C#", FoldedNative = "folded ZeroI2V, C++";
using var scope = NewDisposeScope();
using var mode = no_grad();
manual_seed(1);
RecognizerOptions zero = Presets.ViTB16.Kinetics400_8x16;
using var adapted = new VideoRecognizer(zero);
using VideoRecognizer folded = Folding.Fold(adapted);
using var plain = new VideoRecognizer(zero with { Heads = HeadSplit.Spatial, Adapters = null, TemporalEmbedding = false });
plain.eval();
folded.eval();
Tensor clips = randn([1, 3, zero.Frames, zero.Backbone.Resolution, zero.Backbone.Resolution]);
using var plainNative = new NativeRecognizer(plain, [.. Enumerable.Repeat(0, zero.Backbone.Heads)]);
using var foldedNative = new NativeRecognizer(folded, [.. zero.Heads.Offsets(0, zero.Backbone.Heads)]);

Console.WriteLine($"libtorch {__version__}, {get_num_threads()} threads, {Environment.ProcessorCount} processors");
Check(plain, plainNative);
Check(folded, foldedNative);

var timer = new Interleaved();
timer.Add(Plain, () => Forward(plain));
timer.Add(PlainNative, () => plainNative.Run(clips));
timer.Add(Folded, () => Forward(folded));
timer.Add(FoldedNative, () => foldedNative.Run(clips));
timer.Measure(warmUp: 2, rounds);
timer.PrintTimes();
double binding = timer.PrintRatio(Plain, PlainNative);
double bindingFolded = timer.PrintRatio(Folded, FoldedNative);
double cost = timer.PrintRatio(Folded, Plain);
return binding <= 1.03 && bindingFolded <= 1.03 && cost <= 1.03 ? 0 : 1;

void Forward(VideoRecognizer model)
{
    using Tensor logits = model.call(clips);
}

// Both sides must compute the same, or the times say nothing.
void Check(VideoRecognizer model, NativeRecognizer native)
{
    using Tensor logits = model.call(clips);
    double difference = native.Difference(clips, logits);
    if (!(difference < 1e-6))
        throw new InvalidOperationException($"The C++ model's logits differ by {difference}; expected the same operators to give the same numbers.");
}
