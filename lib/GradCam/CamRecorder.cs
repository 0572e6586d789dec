using ZeroI2V.Lab.Backbone;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.GradCam;

/// <summary>Keeps the tensors of one forward pass at chosen points, in the graph, until it is disposed of.</summary>
internal sealed class CamRecorder : IDisposable
{
    private readonly List<BlockTap> _taps = [];
    private readonly Dictionary<(int Layer, BlockPoint Point), Tensor> _kept = [];

    /// <summary>Starts recording.</summary>
    /// <param name="model">The backbone.</param>
    /// <param name="wanted">Layers and points.</param>
    internal CamRecorder(VisionTransformer model, IEnumerable<(int Layer, BlockPoint Point)> wanted)
    {
        foreach (IGrouping<int, BlockPoint> points in wanted.Distinct().GroupBy(item => item.Layer, item => item.Point))
        {
            int layer = points.Key;
            HashSet<BlockPoint> kept = [.. points];
            _taps.Add(new BlockTap(model, layer, (point, x) =>
            {
                if (!kept.Contains(point))
                    return;
                // AIM's blocks attend over time and then over space; maps are of space.
                if (_kept.Remove((layer, point), out Tensor? earlier))
                    earlier.Dispose();
                _kept[(layer, point)] = x.DetachFromDisposeScope();
            }));
        }
    }

    /// <summary>A kept tensor; it stays the recorder's.</summary>
    internal Tensor this[(int Layer, BlockPoint Point) key] => _kept[key];

    /// <summary>Stops recording and frees what was kept.</summary>
    public void Dispose()
    {
        foreach (BlockTap tap in _taps)
            tap.Dispose();
        foreach (Tensor tensor in _kept.Values)
            tensor.Dispose();
        _kept.Clear();
    }
}
