using System.IO.Compression;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Checkpoints;
using ZeroI2V.Lab.Fuzz;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Benchmarks;

/// <summary>The same large model as safetensors and as PyTorch's archive.</summary>
internal static class WeightFiles
{
    internal static (string SafeTensors, string Archive, long TensorBytes) Make(string folder)
    {
        string safetensors = Path.Combine(folder, "model.safetensors"), archive = Path.Combine(folder, "model.pth");
        using var scope = NewDisposeScope();
        Dictionary<string, Tensor> tensors = ParameterShapes.Of(Presets.ViTL14.Kinetics400_8x16 with { Adapters = null }).ToDictionary(item => item.Name, item => rand(item.Shape));
        SafeTensors.Write(safetensors, tensors);
        using (var zip = new ZipArchive(File.Create(archive), ZipArchiveMode.Create))
        {
            using (Stream index = zip.CreateEntry("model/data.pkl", CompressionLevel.NoCompression).Open())
                index.Write(Pickle(tensors));
            foreach ((string name, Tensor tensor) in tensors)
            {
                using Stream storage = zip.CreateEntry("model/data/" + name, CompressionLevel.NoCompression).Open();
                storage.Write(tensor.bytes);
            }
        }
        return (safetensors, archive, tensors.Values.Sum(tensor => tensor.NumberOfElements * 4));
    }

    /// <summary>A dictionary of tensors, as torch.save describes it.</summary>
    private static byte[] Pickle(Dictionary<string, Tensor> tensors)
    {
        PickleWriter pickle = new PickleWriter().Op('}').Op('(');
        foreach ((string name, Tensor tensor) in tensors)
            pickle.Text(name).Tensor(name, (int)tensor.NumberOfElements, 0, [.. tensor.shape.Select(size => (int)size)], [.. tensor.stride().Select(step => (int)step)]);
        return pickle.Op('u').Bytes();
    }
}
