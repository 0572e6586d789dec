using System.Globalization;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Checkpoints;

/// <summary>
/// How a family of files names and arranges the tensors of a vision transformer: both ways, from a file's tensors to those
/// of <see cref="Backbone.VisionTransformer"/> and back.
/// </summary>
internal abstract class TowerNaming
{
    /// <summary>What stands before the number of a block in the model's names.</summary>
    internal const string TowerBlocks = "transformer.resblocks.";

    /// <summary>Every family. The more telling names come first: CLIP's class token is also the end of Hugging Face's.</summary>
    internal static IReadOnlyList<TowerNaming> All { get; } = [new HuggingFaceNaming(), new TimmNaming(), new ClipNaming()];

    /// <summary>Which family.</summary>
    internal abstract WeightNaming Family { get; }

    /// <summary>The family's class token, which tells where in a file its vision tower begins.</summary>
    internal abstract string Anchor { get; }

    /// <summary>What stands before the tower's names in the files that the lab writes.</summary>
    internal abstract string WrittenPrefix { get; }

    /// <summary>What stands before the number of a block.</summary>
    protected abstract string Blocks { get; }

    /// <summary>Names outside the blocks: the model's and the file's. Those that both share are left out.</summary>
    protected abstract IReadOnlyList<(string Tower, string File)> Outside { get; }

    /// <summary>Names inside a block.</summary>
    protected abstract IReadOnlyList<(string Tower, string File)> Inside { get; }

    /// <summary>The family of that name.</summary>
    internal static TowerNaming Of(WeightNaming family) => All.Single(naming => naming.Family == family);

    /// <summary>Whether a tensor below the tower's prefix has no place in the model by design.</summary>
    internal virtual bool IsLeftOut(string name) => false;

    /// <summary>Whether a tensor beside the tower belongs to something else by design: CLIP's text tower.</summary>
    /// <param name="name">Its name, from where the tower's own name begins.</param>
    internal virtual bool IsBeside(string name) => false;

    /// <summary>The model's name of a tensor beside the tower that belongs to it all the same, or null.</summary>
    internal virtual string? Adopted(string name) => null;

    /// <summary>Where the file arranges the values of one tensor differently, brings them into the model's shape.</summary>
    /// <param name="tower">Tensors by the model's names. What is not as the family has it stays, to be listed later.</param>
    internal virtual void Arrange(Dictionary<string, Tensor> tower)
    {
    }

    /// <summary>What the family tells beyond its tensors.</summary>
    /// <param name="weights">The file.</param>
    /// <param name="outer">What stands before the names of the whole that the tower is a part of.</param>
    /// <param name="tower">The tower's tensors by the model's names.</param>
    internal abstract TowerTraits Traits(WeightSet weights, string outer, IReadOnlyDictionary<string, Tensor> tower);

    /// <summary>The model's name of a tensor; a name that the family does not have stays as it is.</summary>
    internal string ToTower(string file) => Translate(file, Blocks, TowerBlocks, pair => pair.File, pair => pair.Tower);

    /// <summary>How a tensor of the model lies in the file: one piece after another, in row-major order.</summary>
    /// <param name="name">The model's name.</param>
    /// <param name="shape">The model's shape.</param>
    /// <returns>Names below <see cref="WrittenPrefix"/>, with shapes that take up the values in turn.</returns>
    internal virtual IEnumerable<(string Name, long[] Shape)> Layout(string name, long[] shape) => [(ToFile(name), shape)];

    /// <summary>Tensors that the family's models have and the lab's have not; they are written as zeros.</summary>
    internal virtual IEnumerable<(string Name, long[] Shape)> Zeros(Backbone.VitOptions options) => [];

    /// <summary>The file's name of a tensor of the model.</summary>
    protected string ToFile(string tower) => Translate(tower, TowerBlocks, Blocks, pair => pair.Tower, pair => pair.File);

    private string Translate(string name, string from, string to, Func<(string Tower, string File), string> source, Func<(string Tower, string File), string> target)
    {
        if (!name.StartsWith(from, StringComparison.Ordinal) || name.IndexOf('.', from.Length) is not (> 0 and var dot)
            || !int.TryParse(name.AsSpan(from.Length, dot - from.Length), NumberStyles.None, CultureInfo.InvariantCulture, out _))
            return Find(Outside, name);
        return to + name[from.Length..(dot + 1)] + Find(Inside, name[(dot + 1)..]);

        string Find(IReadOnlyList<(string Tower, string File)> names, string wanted)
        {
            foreach ((string, string) pair in names)
                if (source(pair) == wanted)
                    return target(pair);
            return wanted;
        }
    }

    /// <summary>A tensor of the family that the lab's model has under another number of dimensions: sizes of one are dropped.</summary>
    private protected static void Flatten(Dictionary<string, Tensor> tower, string name, int dimensions)
    {
        if (tower.TryGetValue(name, out Tensor? tensor) && tensor.shape.Length > dimensions && tensor.shape[..^dimensions].All(size => size == 1))
            tower[name] = tensor.reshape(tensor.shape[^dimensions..]);
    }
}
