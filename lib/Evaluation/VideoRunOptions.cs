using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Checkpoints;
using ZeroI2V.Lab.Training;
using ZeroI2V.Lab.VideoData;

namespace ZeroI2V.Lab.Evaluation;

/// <summary>Everything that the numbers of one run depend on; <c>options.json</c> of its folder. An ablation is a <c>with</c> expression.</summary>
public sealed record VideoRunOptions
{
    /// <summary>The recogniser.</summary>
    public required RecognizerOptions Recognizer { get; init; }

    /// <summary>How it is trained.</summary>
    public required TrainingOptions Training { get; init; }

    /// <summary>Which frames of a video it sees.</summary>
    public required FrameSampling Sampling { get; init; }

    /// <summary>What training, validation and test see of a video; null where all take the whole frames that are in memory.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RunViews? Views { get; init; }

    /// <summary>Names of the training and test lists, for people.</summary>
    public required string Data { get; init; }

    /// <summary>Hash of both lists: every clip's frames, label and place (<see cref="VideoRunData.Sha256"/>).</summary>
    public required string DataSha256 { get; init; }

    /// <summary>Hash of the image model's file.</summary>
    public required string ImageModelSha256 { get; init; }

    /// <summary>The run that a checkpoint of the lab came from.</summary>
    /// <param name="checkpoint">The file.</param>
    /// <returns>The run; null for others, and for a file of another version, which says it in other words.</returns>
    public static VideoRunOptions? Of(string checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        if (!checkpoint.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase) || !SafeTensors.ReadMetadata(checkpoint).TryGetValue("run", out string? json))
            return null;
        try
        {
            return JsonSerializer.Deserialize<VideoRunOptions>(json, RunJson.Options);
        }
        catch (JsonException)
        {
            // What it was trained on is then given by hand.
            return null;
        }
    }

    /// <summary>
    /// The name of its run's folder: a word for people, the seed, and a hash of everything that the numbers depend on. With
    /// any other option it is another run.
    /// </summary>
    /// <param name="word">What the run is, such as <c>stdha</c>.</param>
    public string FolderName(string word)
    {
        string hash = Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(this, RunJson.Options)))[..10];
        return string.Create(CultureInfo.InvariantCulture, $"{word}-seed{Training.Seed}-{hash}");
    }

    /// <summary>The same with a word made from the options: offsets of the first layer, and whether there is a temporal embedding.</summary>
    public string FolderName()
    {
        int[] offsets = [.. Recognizer.Heads.LowestByLayer[0]];
        string heads = offsets.Length == 0 ? "spatial" : string.Join('_', offsets.Select(o => o.ToString("+0;-0;0", CultureInfo.InvariantCulture)));
        return FolderName($"{heads}{(Recognizer.TemporalEmbedding ? "" : "-no-embedding")}");
    }

    /// <summary>Checks every part.</summary>
    /// <returns>This record.</returns>
    /// <exception cref="ArgumentException">A value is out of its range, or parts do not fit.</exception>
    public VideoRunOptions Validate()
    {
        Recognizer.Validate();
        Training.Validate();
        Sampling.Validate();
        Views?.Validate();
        if (Views is not null && Views.Training.Sampling != Sampling)
            throw new ArgumentException("Sampling and Views.Training.Sampling must be the same; change both.");
        if (Sampling.Frames != Recognizer.Frames)
            throw new ArgumentException($"The recogniser takes {Recognizer.Frames} frames; the sampling gives {Sampling.Frames}. Use one number for both.");
        return this;
    }
}
