using System.Runtime.InteropServices;
using TorchSharp;
using TorchSharp.Modules;
using ZeroI2V.Lab.Stdha;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Backbone;

/// <summary>
/// Norm and sum of what runs through the blocks, and the relocation of STDHA, on an NVIDIA GPU: each in one pass over memory
/// (<c>native/gpu/kernels.cu</c>), queued where libtorch computes. Before the first of them is used on a GPU their results there are
/// compared with libtorch's. Where they differ, or CUDA's driver does not take the kernels, libtorch's functions do the same in more
/// passes, and <see cref="InWords"/> says so.
/// </summary>
internal sealed unsafe class GpuKernels
{
    /// <summary>Set and empty, it leaves the kernels out.</summary>
    private const string Variable = "LAB_GPU_KERNELS";

    /// <summary>The native library below TorchSharp. Of 16-bit tensors TorchSharp itself does not tell where they lie.</summary>
    private const string TorchLibrary = "LibTorchSharp", DataFunction = "THSTensor_data";

    // As the kernels count: rows in warps of 32 lanes with eight times four numbers each; pieces of 16 bytes.
    private const int WidestRow = 1024, RowStep = 4, Lanes = 32, Threads = 128, PieceBytes = 16;

    private static readonly ScalarType[] s_types = [ScalarType.Float32, ScalarType.BFloat16, ScalarType.Float16];
    private static readonly Dictionary<int, (GpuKernels? Kernels, string Words)> s_found = [];

    private readonly CudaDriver _driver;
    private readonly delegate* unmanaged<nint, nint> _data;
    private readonly nint _context, _relocate;
    private readonly Dictionary<ScalarType, nint> _sumNorm, _normGradient;

    private GpuKernels(CudaDriver driver, nint data, int index, string assembly)
    {
        _driver = driver;
        _data = (delegate* unmanaged<nint, nint>)data;
        _context = driver.Context(index);
        using (driver.Use(_context))
        {
            nint module = driver.Load(assembly);
            _relocate = driver.Function(module, "relocate");
            _sumNorm = s_types.ToDictionary(type => type, type => driver.Function(module, $"sum_norm_{Name(type)}"));
            _normGradient = s_types.ToDictionary(type => type, type => driver.Function(module, $"norm_gradient_{Name(type)}"));
        }

        static string Name(ScalarType type) => type == ScalarType.Float32 ? "float" : type.ToString();
    }

    /// <summary>The kernels on a tensor's device.</summary>
    /// <returns>Null on a CPU, and where they are not used.</returns>
    public static GpuKernels? On(Tensor x) => x.device_type == DeviceType.CUDA ? Find(x.device_index).Kernels : null;

    /// <summary>Whether they are used on a device, and why not, in one sentence; null for a CPU.</summary>
    public static string? InWords(Device device) => device.type == DeviceType.CUDA ? Find(Math.Max(0, device.index)).Words : null;

    /// <summary>Whether norm and sum can be computed here.</summary>
    /// <param name="x">The sum that runs through the blocks, (…, D).</param>
    /// <param name="type">The numbers of what is added, or of the norm.</param>
    public static bool Serve(Tensor x, ScalarType type) =>
        x.dtype == ScalarType.Float32 && s_types.Contains(type) && x.shape[^1] is > 0 and <= WidestRow and var width && width % RowStep == 0
            && x.NumberOfElements > 0 && x.NumberOfElements / width < int.MaxValue;

    /// <summary>sum ← x + y and normed ← norm(sum), (…, D). Without y the norm is of x; sum and normed may be missing.</summary>
    public void SumNorm(Tensor x, Tensor? y, Tensor? sum, LayerNorm? norm, Tensor? normed)
    {
        using Tensor rows = Dense(x);
        using Tensor? added = y is null ? null : Dense(y);
        int width = (int)x.shape[^1];
        LaunchRows(_sumNorm[(y ?? normed!).dtype], rows,
            [Address(rows), Address(added), Address(sum), Address(norm?.weight), Address(norm?.bias), Bits(norm?.eps ?? 0), Address(normed), x.NumberOfElements / width, width]);
    }

    /// <summary>From the gradient of norm(x), (…, D), that of x, into <paramref name="to"/>.</summary>
    public void NormGradient(Tensor x, Tensor weight, double eps, Tensor gradient, Tensor to)
    {
        using Tensor rows = Dense(x), given = Dense(gradient);
        int width = (int)x.shape[^1];
        LaunchRows(_normGradient[gradient.dtype], rows, [Address(rows), Address(weight), Bits(eps), Address(given), Address(to), x.NumberOfElements / width, width]);
    }

    /// <summary>Keys and values of heads with a Δt come to stand at the frames that see them, each read and written once.</summary>
    /// <param name="packed">Queries, keys and values, nobody else's, (B·T, N, 3D).</param>
    /// <param name="groups">Neighbouring heads with one Δt, in frames; all heads, lowest first.</param>
    /// <param name="frames">T.</param>
    /// <param name="border">What to use outside the clip.</param>
    /// <returns>False where it cannot be done here, and nothing is.</returns>
    public bool Relocate(Tensor packed, IReadOnlyList<(int Heads, int Offset)> groups, int frames, BorderRule border)
    {
        long[] s = packed.shape;
        int heads = groups.Sum(group => group.Heads);
        long bytes = s[2] / 3 / heads * packed.ElementSize, head = bytes / PieceBytes, clips = s[0] / frames;
        // With Wrap, what is overwritten first is needed last.
        if (border == BorderRule.Wrap || bytes % PieceBytes != 0 || packed.NumberOfElements == 0 || clips * s[1] * 2 * heads * head >= int.MaxValue
            || !packed.is_contiguous() || Address(packed) % PieceBytes != 0)
            return false;
        long first = heads;
        foreach ((int count, int offset) in groups)
        {
            if (offset != 0)
                Launch(_relocate, clips * s[1] * 2 * count * head,
                    [Address(packed), clips, frames, s[1], 3 * heads * head, first * head, heads * head, count * head, offset, border == BorderRule.Clamp ? 1 : 0]);
            first += count;
        }
        return true;
    }

    private static (GpuKernels? Kernels, string Words) Find(int index)
    {
        lock (s_found)
        {
            if (!s_found.TryGetValue(index, out (GpuKernels?, string) found))
                s_found.Add(index, found = Make(index));
            return found;
        }
    }

    private static (GpuKernels?, string) Make(int index)
    {
        string device = $"cuda:{index}";
        if (Environment.GetEnvironmentVariable(Variable) is "")
            return Without($"{Variable} is set and empty");
        if (CudaDriver.Find() is not CudaDriver driver)
            return Without(CudaDriver.NotFound);
        if (!NativeLibrary.TryLoad(TorchLibrary, typeof(torch).Assembly, null, out nint library) || !NativeLibrary.TryGetExport(library, DataFunction, out nint data))
            return Without($"{TorchLibrary} has no {DataFunction}");
        try
        {
            using var assembly = new StreamReader(typeof(GpuKernels).Assembly.GetManifestResourceStream("kernels.ptx")!);
            var kernels = new GpuKernels(driver, data, index, assembly.ReadToEnd());
            return kernels.Differing(new Device(DeviceType.CUDA, index)) is string which
                ? Without($"the lab's {which} does not give what libtorch gives")
                : (kernels, $"The lab's own kernels compute norms and sums on {device} and move keys and values there.");
        }
        catch (CudaException error)
        {
            return Without(error.Message);
        }

        (GpuKernels?, string) Without(string why) => (null, $"libtorch's functions compute norms and sums on {device} and move keys and values there: {why}.");
    }

    /// <summary>The first kernel whose results on a device are not libtorch's; null if all are.</summary>
    private string? Differing(Device device)
    {
        using var scope = NewDisposeScope();
        using var unrecorded = no_grad();
        const int rows = 7, width = 260, images = 6, tokens = 5, heads = 4, depth = 16, frames = 3;
        using LayerNorm norm = nn.LayerNorm(width, eps: 1e-5, device: device);
        norm.weight!.copy_(Waves(width).add(1));
        norm.bias!.copy_(Waves(width).mul(0.5));
        Tensor x = Waves(rows * width).view(rows, width).mul(3).add(2);
        foreach (ScalarType type in s_types)
        {
            Tensor y = Waves(rows * width).view(rows, width).flip(0).to(type), sum = empty_like(x), normed = empty_like(y), gradient = empty_like(x);
            SumNorm(x, y, sum, norm, normed);
            Tensor expected = x.add(y.to(ScalarType.Float32));
            if (Apart(sum, expected, 1e-6) || Apart(normed, norm.call(expected), type switch { ScalarType.Float32 => 1e-5, ScalarType.Float16 => 0.002, _ => 0.02 }))
                return $"sum and norm in {type}";
            NormGradient(x, norm.weight, norm.eps, y, gradient);
            Tensor centred = x.sub(x.mean([1L], keepdim: true)), scale = centred.square().mean([1L], keepdim: true).add(norm.eps).rsqrt(), n = centred.mul(scale), g = y.to(ScalarType.Float32).mul(norm.weight);
            if (Apart(gradient, g.sub(g.mean([1L], keepdim: true)).sub(n.mul(g.mul(n).mean([1L], keepdim: true))).mul(scale), 1e-4))
                return $"norm's gradient in {type}";
        }
        foreach ((int offset, BorderRule border) in ((int, BorderRule)[])[(-1, BorderRule.OwnFrame), (2, BorderRule.OwnFrame), (1, BorderRule.Clamp), (-2, BorderRule.Clamp)])
        {
            Tensor packed = arange(images * tokens * 3 * heads * depth, dtype: ScalarType.Float32, device: device).view(images, tokens, 3 * heads * depth), expected = packed.clone();
            Tensor Moved(Tensor all) => all.view(images / frames, frames, tokens, 3, heads, depth).narrow(3, 1, 2).narrow(4, 1, 2);
            FrameRelocation.Write(Moved(packed), Moved(expected), 1, offset, border);
            if (!Relocate(packed, [(1, 0), (2, offset), (1, 0)], frames, border) || Apart(packed, expected, 0))
                return $"relocation by {offset}";
        }
        return null;

        Tensor Waves(int count) => arange(count, dtype: ScalarType.Float32, device: device).mul(0.37).sin();

        static bool Apart(Tensor found, Tensor expected, double tolerance) =>
            !found.to(ScalarType.Float32).sub(expected).abs().le(expected.abs().add(1).mul(tolerance)).all().item<bool>();
    }

    private void LaunchRows(nint function, Tensor x, ReadOnlySpan<long> arguments) => Launch(function, x.NumberOfElements / x.shape[^1] * Lanes, arguments);

    private void Launch(nint function, long threads, ReadOnlySpan<long> arguments)
    {
        using (_driver.Use(_context))
            _driver.Launch(function, (uint)((threads + Threads - 1) / Threads), Threads, arguments, CudaDriver.ComputeStream);
    }

    /// <summary>Numbers one after another, from where a thread can read several at once.</summary>
    private Tensor Dense(Tensor x)
    {
        Tensor dense = x.contiguous();
        if (Address(dense) % PieceBytes == 0)
            return dense;
        using (dense)
            return dense.clone();
    }

    private long Address(Tensor? x)
    {
        if (x is null)
            return 0;
        nint address = _data(x.Handle);
        GC.KeepAlive(x);
        return address;
    }

    private static long Bits(double x) => BitConverter.SingleToUInt32Bits((float)x);
}
