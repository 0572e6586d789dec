using TorchSharp;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Checkpoints;
using ZeroI2V.Lab.Files;
using ZeroI2V.Lab.Parity;
using ZeroI2V.Lab.Reparameterization;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.GradCam;

/// <summary>
/// Proves activations, gradients and maps equal to those of pytorch-grad-cam on the official model: a folder of such maps
/// names the folder with the model and its input, which is expected in <c>../../parity/</c> or beside it.
/// </summary>
public static class CamParity
{
    /// <summary>Largest difference of an activation, as a share of the tensor's largest value.</summary>
    public const double ActivationTolerance = 1e-5;

    /// <summary>Largest difference of a gradient or a raw map, as a share of the tensor's largest value. What is zero must be zero.</summary>
    public const double MapTolerance = 1e-4;

    /// <summary>Largest difference of a scaled map.</summary>
    public const double ScaledTolerance = 1e-3;

    /// <summary>Whether a folder holds maps, rather than outputs of a model (<see cref="ParityCheck"/>).</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="ParityException">Its manifest is missing or malformed.</exception>
    public static bool Handles(string folder) => CamManifest.IsOne(folder);

    /// <summary>Checks one folder.</summary>
    /// <param name="folder">The folder: <c>manifest.json</c> says all.</param>
    /// <exception cref="ParityException">The folder is incomplete, damaged, or asks for what the lab does not have.</exception>
    /// <exception cref="CheckpointException">A file is damaged, or the checkpoint does not fit.</exception>
    public static ParityReport Run(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        CamManifest manifest = CamManifest.Read(folder);
        using ParityFolder vectors = Vectors(folder, manifest);
        RecognizerOptions options = vectors.Manifest.Recognizer ?? throw new ParityException($"{folder}: its model '{manifest.Vectors}' is no video recogniser.");
        string file = manifest.Files is [var one] ? one.Require(folder) : throw new ParityException($"{folder}: lists {manifest.Files.Count} files; expected one of tensors.");
        using WeightSet expected = SafeTensors.Read(file);
        using WeightSet weights = WeightFile.Read(vectors.CheckpointPath);
        WeightLoading.Require(ParameterShapes.Of(options), weights.Tensors, vectors.CheckpointPath);
        using var model = new VideoRecognizer(options);
        model.Load(weights);
        model.to(ComputeDevice.Chosen);

        using var scope = NewDisposeScope();
        var check = new CamComparison(manifest, expected, vectors["input"].to(ComputeDevice.Chosen));
        List<ParityRow> rows = check.All(model);
        if (options.Adapters is not { } adapters || adapters.Activation != Adapters.AdapterActivation.None)
            return new ParityReport(manifest.Name, rows);
        using VideoRecognizer folded = Folding.Fold(model);
        return new ParityReport(manifest.Name, [.. rows, .. check.Folded(folded)]);
    }

    private static ParityFolder Vectors(string folder, CamManifest manifest)
    {
        string full = Path.GetFullPath(folder);
        string[] places = [Path.Combine(full, "..", "..", "parity", manifest.Vectors), Path.Combine(full, "..", "..", manifest.Vectors), Path.Combine(full, "..", manifest.Vectors)];
        string found = Array.Find(places, place => Path.GetFullPath(place) != full && File.Exists(Path.Combine(place, "manifest.json")))
            ?? throw new ParityException($"{folder}: its maps are of the model '{manifest.Vectors}', which is in none of {string.Join(", ", places.Select(Path.GetFullPath))}. Put that folder there.");
        var vectors = new ParityFolder(Path.GetFullPath(found));
        try
        {
            RequireHash(vectors.CheckpointPath, manifest.CheckpointSha256, folder);
            if (vectors.Manifest.Files.FirstOrDefault(file => file.Name == "input.npy") is { } input)
                RequireHash(Path.Combine(vectors.Folder, input.Name), manifest.InputSha256, folder);
            return vectors;
        }
        catch
        {
            vectors.Dispose();
            throw;
        }
    }

    private static void RequireHash(string path, string expected, string folder)
    {
        string hash = FileHash.Sha256(path);
        if (!hash.Equals(expected, StringComparison.OrdinalIgnoreCase))
            throw new ParityException($"{folder}: its maps were made from a file with SHA-256 {expected}; {path} has {hash}. Fetch both folders again.");
    }
}
