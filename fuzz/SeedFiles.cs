using TorchSharp.Modules;
using ZeroI2V.Lab.Adapters;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Checkpoints;
using ZeroI2V.Lab.Reparameterization;
using ZeroI2V.Lab.Stdha;

namespace ZeroI2V.Lab.Fuzz;

/// <summary>Small sound files of every format that the readers take: what mutations start from.</summary>
public static class SeedFiles
{
    /// <summary>A recogniser of a few hundred numbers.</summary>
    public static RecognizerOptions Tiny { get; } = new()
    {
        Backbone = new VitOptions { Width = 4, Layers = 1, Heads = 2, PatchSize = 1, Resolution = 2, MlpHidden = 4 },
        Frames = 2,
        Classes = 2,
        Heads = HeadSplit.Lowest(-1),
        Adapters = new AdapterOptions { Places = AdapterPlaces.AttentionInput | AdapterPlaces.MlpOutput },
    };

    /// <summary>All of them.</summary>
    /// <param name="folder">A folder for temporary files.</param>
    public static IReadOnlyList<byte[]> All(string folder)
    {
        using var model = new VideoRecognizer(Tiny);
        using VideoRecognizer folded = Folding.Fold(model);
        return
        [
            Bytes(path => model.Save(path, new Dictionary<string, string> { ["note"] = "Δt" })),
            Bytes(path => FoldedFile.Save(folded, path)),
            Bytes(path => FoldedFile.Save(folded, path, naming: WeightNaming.HuggingFace)),
            Bytes(path => model.Backbone.Save(path)),
            Training(model, (writer, name, key, count, shape) => writer.Text(name).Tensor(key, count, 0, shape, Strides(shape))).Zip(Storages(model)),
            Training(model, (writer, name, key, count, shape) => writer.Text(name).LegacyTensor(key, count, shape, Strides(shape))).Legacy(Storages(model)),
            Script(),
            Views(),
            [0x93, .. "NUMPY"u8, 1, 0, 60, 0, .. "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n"u8, .. new byte[24]],
        ];

        byte[] Bytes(Action<string> save)
        {
            string path = Path.Combine(folder, "seed");
            save(path);
            byte[] bytes = File.ReadAllBytes(path);
            File.Delete(path);
            return bytes;
        }
    }

    /// <summary>A checkpoint as a training saves it: metadata, weights, optimizer, records.</summary>
    private static PickleWriter Training(VideoRecognizer model, Action<PickleWriter, string, string, int, int[]> tensor)
    {
        PickleWriter writer = new PickleWriter().Op('}').Op('(')
            .Text("meta").Op('}').Op('(').Text("epoch").Int(3).Text("cfg").Text("model = dict()").Op('u')
            .Text("state_dict").Global("collections", "OrderedDict").Op(')').Op('R').Op('(');
        foreach ((string name, Parameter parameter) in model.named_parameters())
            tensor(writer, name, name, (int)parameter.NumberOfElements, [.. parameter.shape.Select(size => (int)size)]);
        return writer.Op('u')
            .Op('}').Text("_metadata").Op('}').Op('s').Op('b')
            .Text("optimizer").Op('}').Text("state").Op('}').Int(0).Ints(1, 2).Op('s').Op('s')
            .Text("message_hub").Global("mmengine.logging", "MessageHub").Op(')').Raw(0x81).Op('}').Text("loss").Op(']').Op('(').Int(1).Op('G').Raw(new byte[8]).Op('e').Op('s').Op('b')
            .Op('u');
    }

    private static (string, float[])[] Storages(VideoRecognizer model) =>
        [.. model.named_parameters().Select(item => (item.name, item.parameter.data<float>().ToArray()))];

    /// <summary>A TorchScript archive: modules in modules.</summary>
    private static byte[] Script() => new PickleWriter()
        .Global("__torch__", "CLIP").Op(')').Raw(0x81).Op('}').Op('(')
            .Text("training").Raw(0x89)
            .Text("input_resolution").Int(2)
            .Text("visual").Global("__torch__.m", "Vision").Op(')').Raw(0x81).Op('}').Op('(')
                .Text("class_embedding").Tensor("0", 4, 0, [4], [1])
                .Text("sizes").Global("torch.jit._pickle", "build_intlist").Op(']').Op('(').Int(1).Int(2).Op('e').Raw(0x85).Op('R')
            .Op('u').Op('b')
        .Op('u').Op('b').Zip(("0", [1, 2, 3, 4]));

    /// <summary>Tensors that are parts and transposes of one storage, in the later protocol's instructions.</summary>
    private static byte[] Views() => new PickleWriter().Raw(0x95).Raw(new byte[8]).Op('}').Raw(0x94).Op('(')
        .Raw(0x8c, 1, (byte)'a').Raw(0x94).Tensor("0", 6, 0, [3, 2], [1, 3])
        .Raw(0x8c, 1, (byte)'b').Tensor("0", 6, 4, [2], [1])
        .Op('u').Zip(("0", [1, 2, 3, 4, 5, 6]));

    private static int[] Strides(int[] shape)
    {
        var strides = new int[shape.Length];
        for (int i = shape.Length - 1, step = 1; i >= 0; step *= shape[i--])
            strides[i] = step;
        return strides;
    }
}
