using System.Globalization;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Backbone;

/// <summary>Where a model computes, by name: <c>cpu</c>, <c>cuda</c> or <c>cuda:1</c>.</summary>
public static class ComputeDevice
{
    /// <summary>What libtorch, CUDA's allocator, cuBLAS and the system's allocator say where memory ran out.</summary>
    private static readonly string[] s_outOfMemory = ["out of memory", "can't allocate memory", "ALLOC_FAILED"];

    /// <summary>Where training and evaluation compute in this process; the CPU unless <see cref="Choose"/> was called.</summary>
    public static Device Chosen { get; private set; } = CPU;

    /// <summary>Chooses the device of everything that this process begins from here on: what <c>--device</c> does.</summary>
    /// <param name="name">The device.</param>
    /// <exception cref="ArgumentException">There is no such device.</exception>
    public static void Choose(string name) => Chosen = Named(name);

    /// <summary>
    /// Brings a tensor to a device: to a GPU from pinned memory, so that the program goes on while it is copied, and where CUDA's driver
    /// library is found while the GPU computes what it was given before (<see cref="CopyStream"/>).
    /// </summary>
    /// <param name="x">A tensor on the CPU.</param>
    /// <param name="device">Where it is needed.</param>
    /// <returns>The tensor itself where it is there already.</returns>
    internal static Tensor Bring(Tensor x, Device device)
    {
        if (device.type != DeviceType.CUDA || x.device_type != DeviceType.CPU)
            return x.to(device);
        if (CopyStream.Takes(x.dtype) && CopyStream.To(device) is CopyStream copies)
            return copies.Bring(x);
        using Tensor pinned = x.pin_memory();
        return pinned.to(device, non_blocking: true);
    }

    /// <summary>Whose kernels compute on a device, and how batches come to it, a sentence each.</summary>
    /// <param name="device">The device.</param>
    internal static IEnumerable<string> InWords(Device device)
    {
        if (device.type != DeviceType.CUDA)
        {
            yield return CpuKernels.InWords();
            yield break;
        }
        yield return CopyStream.To(device) is not null ? $"Batches are copied to {device} while it computes."
            : $"Batches are copied to {device} between computing and computing: {CudaDriver.NotFound}.";
        yield return GpuKernels.InWords(device)!;
    }

    /// <summary>The device of a name, checked: it is here, and libtorch can use it.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="ArgumentException">There is no such device; the message says whether it is the name, libtorch or the machine.</exception>
    public static Device Named(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name == "cpu")
            return CPU;
        string[] parts = name.Split(':');
        if (parts[0] != "cuda" || parts.Length > 2 || !int.TryParse(parts.ElementAtOrDefault(1) ?? "0", NumberStyles.None, CultureInfo.InvariantCulture, out int index))
            throw new ArgumentException($"There is no device '{name}'; expected cpu, cuda or cuda:0.");
        if (!cuda.is_available())
            throw new ArgumentException($"--device {name}: libtorch {__version__} sees no GPU. {WhyNoGpu()} Without one, use --device cpu.");
        if (index >= cuda.device_count())
            throw new ArgumentException($"--device {name}: there are {cuda.device_count()} GPUs here, counted from 0. Choose a lower number.");
        return new Device(DeviceType.CUDA, index);
    }

    /// <summary>Whether an error of libtorch is about memory that a device has not.</summary>
    /// <param name="error">The error.</param>
    public static bool IsOutOfMemory(Exception error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return error is ExternalException or OutOfMemoryException
            && (error is OutOfMemoryException || s_outOfMemory.Any(words => error.Message.Contains(words, StringComparison.OrdinalIgnoreCase)));
    }

    /// <summary>What to lower where memory ran out, in one sentence, and what libtorch said.</summary>
    /// <param name="error">The error.</param>
    /// <param name="device">The device that ran out.</param>
    public static string OutOfMemoryAdvice(Exception error, Device device)
    {
        ArgumentNullException.ThrowIfNull(error);
        return $"{device} has no more memory. Lower the batch (--set training.batchSize=N in training, --batch elsewhere) or the frames of a clip, compute in 16 bits (--set training.precision=BFloat16, --precision), or in training keep less (--set training.activationCheckpointing=true). libtorch: {error.Message.Split('\n')[0]}";
    }

    // A file nvidiactl is no sign of a GPU: CUDA's driver library makes it for root where there is none.
    private static string WhyNoGpu() =>
        !Directory.Exists("/dev") || !Directory.EnumerateFiles("/dev", "nvidia*").Any(file => char.IsAsciiDigit(file[^1])) ? "This machine has no NVIDIA GPU, or the container was not given it."
        : !NativeLibrary.TryLoad(CudaDriver.Library, out _) ? $"There is a GPU, and CUDA's driver library ({CudaDriver.Library}), which comes with the driver, is not found; a container gets it by --gpus all or --nv."
        : Environment.GetEnvironmentVariable("CUDA_VISIBLE_DEVICES") is "" or "-1" ? "There is a GPU, and CUDA_VISIBLE_DEVICES hides it."
        : !File.Exists("/proc/driver/nvidia/version") ? "There is a GPU but its driver is not loaded."
        : "There is a GPU and a driver, so this libtorch was built without CUDA, or for a newer driver: set up again with a TORCH_DIR that fits the driver (nvidia-smi tells its CUDA version).";
}
