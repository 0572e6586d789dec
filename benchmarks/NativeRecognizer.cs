using System.Runtime.InteropServices;
using ZeroI2V.Lab.Backbone;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Benchmarks;

/// <summary>The same forward pass with the same weights, written in C++ (native/bench/vit.cpp).</summary>
internal sealed unsafe partial class NativeRecognizer : IDisposable
{
    private const string Library = "labbench";

    private readonly IntPtr _model;

    static NativeRecognizer() => NativeLibrary.SetDllImportResolver(typeof(NativeRecognizer).Assembly, (name, _, _) =>
    {
        if (name != Library)
            return IntPtr.Zero;
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
            if (Path.Combine(folder, "native", "build", "liblabbench.so") is var path && File.Exists(path))
                return NativeLibrary.Load(path);
        throw new DllNotFoundException("liblabbench.so was not found. Run: cmake --build native/build --target labbench");
    });

    /// <summary>Takes the weights of a recogniser without adapters; both then read the same memory.</summary>
    public NativeRecognizer(VideoRecognizer recognizer, IReadOnlyList<int> offsets)
    {
        VitOptions vit = recognizer.Options.Backbone;
        Dictionary<string, Tensor> state = recognizer.state_dict();
        Tensor[] weights = [.. Names(vit.Layers, state.ContainsKey("backbone.temporal_embedding")).Select(name => state[name])];
        if (weights.Length != state.Count)
            throw new ArgumentException($"The recogniser has {state.Count} weights, {weights.Length} of them known to the C++ model. Fold its adapters first.");
        IntPtr[] handles = [.. weights.Select(weight => weight.Handle)];
        long[] shifts = [.. offsets.Select(offset => (long)offset)];
        fixed (IntPtr* w = handles)
        fixed (long* o = shifts)
            _model = bench_model(w, handles.Length, vit.Layers, vit.Heads, vit.PatchSize, vit.LayerNormEps, state.ContainsKey("backbone.temporal_embedding") ? 1 : 0, o);
    }

    /// <summary>Runs once.</summary>
    public void Run(Tensor clips) => _ = bench_run(_model, clips.Handle, IntPtr.Zero);

    /// <summary>Runs once; the largest difference from other logits.</summary>
    public double Difference(Tensor clips, Tensor logits) => bench_run(_model, clips.Handle, logits.Handle);

    public void Dispose() => bench_model_free(_model);

    private static IEnumerable<string> Names(int layers, bool temporal)
    {
        yield return "backbone.class_embedding";
        yield return "backbone.positional_embedding";
        yield return "backbone.conv1.weight";
        if (temporal)
            yield return "backbone.temporal_embedding";
        foreach (string name in Pair("backbone.ln_pre."))
            yield return name;
        for (int layer = 0; layer < layers; layer++)
            foreach (string part in new[] { "ln_1.", "attn.in_proj_", "attn.out_proj.", "ln_2.", "mlp.c_fc.", "mlp.c_proj." })
                foreach (string name in Pair($"backbone.transformer.resblocks.{layer}.{part}"))
                    yield return name;
        foreach (string name in Pair("backbone.ln_post."))
            yield return name;
        foreach (string name in Pair("cls_head.fc_cls."))
            yield return name;
    }

    private static string[] Pair(string start) => [start + "weight", start + "bias"];

    [LibraryImport(Library)]
    private static partial IntPtr bench_model(IntPtr* weights, long count, long layers, long heads, long patch, double eps, int temporal, long* offsets);

    [LibraryImport(Library)]
    private static partial void bench_model_free(IntPtr model);

    [LibraryImport(Library)]
    private static partial double bench_run(IntPtr model, IntPtr clips, IntPtr expected);
}
