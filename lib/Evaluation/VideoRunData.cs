using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ZeroI2V.Lab.VideoData;

namespace ZeroI2V.Lab.Evaluation;

/// <summary>The decoded clips of a training and a test list; several runs share them.</summary>
/// <param name="Train">Training clips.</param>
/// <param name="Test">Test clips.</param>
public sealed record VideoRunData(DecodedClips Train, DecodedClips Test)
{
    /// <summary>Names of both lists.</summary>
    public string Name => $"{Train.List.Name} / {Test.List.Name}";

    /// <summary>Hash of both lists: path, label and frames' hash of every clip, in order.</summary>
    public string Sha256 { get; } = Hash(Train.List, Test.List);

    /// <summary>Decodes both lists, synthetic ones once for all processes (<see cref="DecodedClips.Shared"/>).</summary>
    /// <param name="train">Training clips.</param>
    /// <param name="test">Test clips of the same classes.</param>
    /// <param name="resolution">Side of the frames that the recogniser takes, in pixels.</param>
    /// <param name="progress">Told after each video, of each list in turn.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The decoded clips.</returns>
    /// <exception cref="ArgumentException">The lists differ in their classes.</exception>
    /// <exception cref="VideoException">A video cannot be decoded, or is not what its list says.</exception>
    public static VideoRunData Load(ClipList train, ClipList test, int resolution, IProgress<DecodingProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        RequireSameClasses(train, test);
        return new VideoRunData(
            DecodedClips.Shared(train, resolution, progress, cancellationToken),
            DecodedClips.Shared(test, resolution, progress, cancellationToken));
    }

    /// <summary>Both lists with nothing decoded in advance: for videos that do not fit into memory.</summary>
    /// <param name="train">Training clips.</param>
    /// <param name="test">Test clips of the same classes.</param>
    /// <exception cref="ArgumentException">The lists differ in their classes.</exception>
    public static VideoRunData OnDemand(ClipList train, ClipList test)
    {
        RequireSameClasses(train, test);
        return new VideoRunData(DecodedClips.OnDemand(train), DecodedClips.OnDemand(test));
    }

    private static void RequireSameClasses(ClipList train, ClipList test)
    {
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(test);
        if (!train.Classes.SequenceEqual(test.Classes))
            throw new ArgumentException($"'{train.Name}' and '{test.Name}' must have the same classes in the same order; they differ. Make both lists from one data set.", nameof(test));
    }

    private static string Hash(params ClipList[] lists)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (ClipList list in lists)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{list.Name}\n{string.Join('\t', list.Classes)}\n"));
            foreach (ClipRecord clip in list.Clips)
                hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{clip.Path}\t{clip.Label}\t{clip.Sha256}\n")));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
