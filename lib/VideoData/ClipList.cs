using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using ZeroI2V.Lab.Files;

namespace ZeroI2V.Lab.VideoData;

/// <summary>The videos of one split of a data set, with their classes. Kept as a JSON file; unknown keys in it are errors.</summary>
public sealed record ClipList
{
    /// <summary>A list of a million clips with hashes stays below this; nothing larger is read.</summary>
    private const long LongestFile = 512L << 20;

    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(allowIntegerValues: false) },
    };

    /// <summary>Name of data set and split, for titles.</summary>
    [JsonRequired]
    public required string Name { get; init; }

    /// <summary>Whether the videos were made by a program; results on them are labelled so.</summary>
    [JsonRequired]
    public required bool Synthetic { get; init; }

    /// <summary>Class names; a clip's label is an index into this.</summary>
    [JsonRequired]
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>For each class the group that it is reported in; empty where there is none.</summary>
    [JsonRequired]
    public required IReadOnlyList<string> ClassGroups { get; init; }

    /// <summary>For each class the class that it becomes when time runs backwards; -1 where there is none.</summary>
    [JsonRequired]
    public required IReadOnlyList<int> ReversedClass { get; init; }

    /// <summary>The videos.</summary>
    [JsonRequired]
    public required IReadOnlyList<ClipRecord> Clips { get; init; }

    /// <summary>Videos that belong to the data set but cannot be used, with the reason; they are not among <see cref="Clips"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<LeftOutClip>? LeftOut { get; init; }

    /// <summary>Folder of the videos, absolute or relative to the list's file; null where that is the file's own folder.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Videos { get; init; }

    /// <summary>Folder that the clips' paths start from, as found when the list was read.</summary>
    [JsonIgnore]
    public string Root { get; init; } = "";

    /// <summary>The file of a clip.</summary>
    public string FullPath(ClipRecord clip)
    {
        ArgumentNullException.ThrowIfNull(clip);
        return Path.Combine(Root, clip.Path);
    }

    /// <summary>Reads and checks a list.</summary>
    /// <param name="path">The JSON file.</param>
    /// <param name="root">Folder of the videos; by default what the list says (<see cref="Videos"/>).</param>
    /// <exception cref="InvalidDataException">The file is not a valid list; the message says where.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static ClipList Load(string path, string? root = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        long length = new FileInfo(path).Length;
        if (length > LongestFile)
            throw new InvalidDataException($"{path}: a list of clips has at most {LongestFile} bytes; found {length}.");
        try
        {
            ClipList list = JsonSerializer.Deserialize<ClipList>(File.ReadAllBytes(path), s_json)
                ?? throw new InvalidDataException("expected an object, found null.");
            list.Validate();
            list = list with { Root = root ?? Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, list.Videos ?? "") };
            return list;
        }
        catch (Exception invalid) when (invalid is JsonException or InvalidDataException)
        {
            throw new InvalidDataException($"{path} is not a valid list of clips: {invalid.Message}", invalid);
        }
    }

    /// <summary>Writes the list: first a temporary file beside it, then renamed, so that there is never half a list.</summary>
    /// <exception cref="InvalidDataException">The list is not valid.</exception>
    public void Save(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        Validate();
        AtomicFile.WriteText(path, JsonSerializer.Serialize(this, s_json) + "\n");
    }

    /// <summary>Checks that everything fits together.</summary>
    /// <exception cref="InvalidDataException">It does not; the message says what.</exception>
    public void Validate()
    {
        Require(Name.Length > 0, "name is empty.");
        Require(Classes.Count > 0, "there are no classes.");
        Require(Classes.All(name => !string.IsNullOrEmpty(name)), "a class name is empty or null.");
        Require(ClassGroups.All(group => group is not null), "a class group is null; expected an empty string where there is none.");
        Require(Classes.Distinct(StringComparer.Ordinal).Count() == Classes.Count, "two classes have the same name.");
        Require(ClassGroups.Count == Classes.Count, $"classGroups has {ClassGroups.Count} entries for {Classes.Count} classes.");
        Require(ReversedClass.Count == Classes.Count, $"reversedClass has {ReversedClass.Count} entries for {Classes.Count} classes.");
        for (int label = 0; label < Classes.Count; label++)
        {
            int reversed = ReversedClass[label];
            Require(
                reversed == -1 || (reversed >= 0 && reversed < Classes.Count && ReversedClass[reversed] == label),
                $"reversedClass[{label}] is {reversed}; expected -1 or a class whose own reversedClass is {label}.");
        }

        Require(Videos is null || (Videos.Length > 0 && !Videos.Contains('\0', StringComparison.Ordinal)), $"videos is '{Videos}'; expected a folder.");

        var paths = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < Clips.Count; i++)
        {
            ClipRecord clip = Clips[i];
            Require(clip is not null, $"clips[{i}] is null.");
            Require(
                IsInside(clip!.Path),
                $"clips[{i}].path is '{clip.Path}'; expected a path below the root, with forward slashes and without '..'.");
            Require(paths.Add(clip.Path), $"clips[{i}].path '{clip.Path}' stands in the list twice.");
            Require(
                clip.Label >= 0 && clip.Label < Classes.Count,
                $"clips[{i}] ({clip.Path}) has label {clip.Label}; expected 0 to {Classes.Count - 1}.");
            Require(clip.Frames > 0, $"clips[{i}] ({clip.Path}) has {clip.Frames} frames; expected at least 1.");
            Require(
                clip.Width >= 0 && clip.Height >= 0 && clip.FramesPerSecond >= 0 && double.IsFinite(clip.FramesPerSecond),
                $"clips[{i}] ({clip.Path}) has size {clip.Width}x{clip.Height} and {clip.FramesPerSecond} frames a second; expected numbers above 0, or 0 where not known.");
            Require(
                clip.Sha256.Length == 0 || (clip.Sha256.Length == 64 && clip.Sha256.All(char.IsAsciiHexDigitLower)),
                $"clips[{i}] ({clip.Path}) has sha256 '{clip.Sha256}'; expected 64 lower-case hexadecimal digits, or nothing.");
        }
    }

    internal static bool IsInside(string path) =>
        path.Length > 0 && !Path.IsPathRooted(path) && !path.Contains('\\', StringComparison.Ordinal) && !path.Contains('\0', StringComparison.Ordinal)
        && path.Split('/').All(part => part is not ("" or "." or ".."));

    /// <summary>The same list with other clips.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="clips">Numbers of the clips, in the order wanted.</param>
    public ClipList Subset(string name, IEnumerable<int> clips) =>
        this with { Name = name, Clips = [.. clips.Select(i => Clips[i])], LeftOut = null };

    private static void Require(bool holds, string problem)
    {
        if (!holds)
            throw new InvalidDataException(problem);
    }
}
