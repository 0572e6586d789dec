using System.Security.Cryptography;
using System.Text.Json;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Evaluation;
using ZeroI2V.Lab.Files;
using ZeroI2V.Lab.Training;

namespace ZeroI2V.Lab.Ablations;

/// <summary>Measured importance of heads in the run store: on a public data set it takes minutes on a GPU, and a sweep started again must not.</summary>
/// <param name="Data">Names of the lists, for people.</param>
/// <param name="ByLayer">By layer and head.</param>
internal sealed record KeptImportance(string Data, IReadOnlyList<double[]> ByLayer)
{
    /// <summary>Reads what was measured before, or measures and keeps it.</summary>
    /// <param name="store">The run store.</param>
    /// <param name="run">The run that it is for.</param>
    /// <param name="measure">Measures.</param>
    /// <exception cref="InvalidDataException">The file of an earlier measurement is damaged.</exception>
    internal static HeadImportance Of(RunStore store, VideoRunOptions run, Func<HeadImportance> measure)
    {
        VitOptions vit = run.Recognizer.Backbone;
        byte[] from = JsonSerializer.SerializeToUtf8Bytes(new { vit, run.Recognizer.Frames, run.Views?.Validation, run.DataSha256, run.ImageModelSha256 }, RunJson.Options);
        string file = Path.Combine(store.Root, "importance", $"{Convert.ToHexStringLower(SHA256.HashData(from))[..16]}.json");
        if (!File.Exists(file))
        {
            HeadImportance measured = measure();
            AtomicFile.WriteText(file, JsonSerializer.Serialize(new KeptImportance(run.Data, [.. measured.ByLayer.Select(layer => layer.ToArray())]), RunJson.Options) + "\n");
            return measured;
        }
        KeptImportance kept = RunJson.Read<KeptImportance>(File.ReadAllText(file), file);
        return kept.ByLayer?.Count == vit.Layers && kept.ByLayer.All(layer => layer?.Length == vit.Heads)
            ? new HeadImportance([.. kept.ByLayer], HeadImportance.TemporalHeadsOf(run))
            : throw new InvalidDataException($"'{file}' must hold {vit.Layers} layers of {vit.Heads} heads. Remove it: it is measured again.");
    }
}
