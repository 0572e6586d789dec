using System.Diagnostics;
using TorchSharp;
using ZeroI2V.Lab.Backbone;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Evaluation.Speed;

/// <summary>How fast matrix products are here: no transformer is faster.</summary>
public static class MatmulSpeed
{
    /// <summary>Measures some large products and takes the fastest.</summary>
    /// <param name="precision">In which numbers.</param>
    /// <param name="device">Where.</param>
    /// <param name="rounds">Runs of each, after one that does not count.</param>
    /// <param name="largest">Side of the largest product; 0 chooses by the device.</param>
    public static MatmulCeiling Measure(Precision precision, Device device, int rounds = 5, int largest = 0)
    {
        ArgumentNullException.ThrowIfNull(device);
        bool gpu = device.type == DeviceType.CUDA;
        int side = largest > 0 ? largest : gpu ? 8192 : 2048;
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        (double Speed, string Shape) best = (0, "");
        foreach ((int m, int n, int k) in new[] { (side, side, side), (side, 4 * side, side / 2), (side, side / 2, 2 * side) })
        {
            using var shape = NewDisposeScope();
            Tensor a = randn([m, k], device: device).to(precision.ElementType()), b = randn([n, k], device: device).to(precision.ElementType()).t();
            for (int round = -1; round < rounds; round++)
            {
                long start = Stopwatch.GetTimestamp();
                a.mm(b).Dispose();
                if (gpu)
                    cuda.synchronize(device);
                double speed = 2.0 * m * n * k / Stopwatch.GetElapsedTime(start).TotalSeconds;
                if (round >= 0 && speed > best.Speed)
                    best = (speed, $"{m} × {n} × {k}");
            }
        }
        return new MatmulCeiling(precision, best.Speed, best.Shape);
    }
}
