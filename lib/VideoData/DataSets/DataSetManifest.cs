using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ZeroI2V.Lab.VideoData.DataSets;

/// <summary>A public data set, and one split of it where it has several: what its files are, how many there should be, and how
/// the paper trains and tests on it. One JSON file each in <c>data-manifests/</c>; unknown keys are errors.</summary>
public sealed record DataSetManifest
{
    /// <summary>Name of the folder beside the program.</summary>
    public const string FolderName = "data-manifests";

    private const long LongestFile = 1 << 20;

    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        ReadCommentHandling = JsonCommentHandling.Disallow,
        Converters = { new JsonStringEnumConverter(allowIntegerValues: false) },
    };

    /// <summary>Version of the schema; 1.</summary>
    public required int Schema { get; init; }

    /// <summary>The data set as commands name it, such as <c>ssv2</c>.</summary>
    public required string Key { get; init; }

    /// <summary>Which of the official splits, from 1; 0 where there is only one.</summary>
    public required int Split { get; init; }

    /// <summary>The data set as people name it.</summary>
    public required string Name { get; init; }

    /// <summary>Form of the annotations.</summary>
    public required AnnotationFormat Format { get; init; }

    /// <summary>File names by role: <c>classes</c>, <c>train</c>, <c>validation</c>, <c>test</c>; the first name that is there is
    /// read. <c>{class}</c> stands for a class's name.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<string>> AnnotationFiles { get; init; }

    /// <summary>Number of classes.</summary>
    public required int Classes { get; init; }

    /// <summary>Number of videos by role, as published.</summary>
    public required IReadOnlyDictionary<string, int> Videos { get; init; }

    /// <summary>Where the counts stand.</summary>
    public required string CountsSource { get; init; }

    /// <summary>Extensions of the published videos, and of usual conversions, in the order of preference.</summary>
    public required IReadOnlyList<string> Extensions { get; init; }

    /// <summary>Classes that change places when a video is mirrored.</summary>
    public required IReadOnlyList<IReadOnlyList<int>> FlipPairs { get; init; }

    /// <summary>What the official configurations do with it.</summary>
    public required IReadOnlyList<DataRecipe> Recipes { get; init; }

    /// <summary>Under which terms it may be used.</summary>
    public required string Licence { get; init; }

    /// <summary>Where to ask for it.</summary>
    public required string Request { get; init; }

    /// <summary>Name of the manifest's file without extension, such as <c>ucf101-split1</c>.</summary>
    [JsonIgnore]
    public string Id => Split == 0 ? Key : string.Create(CultureInfo.InvariantCulture, $"{Key}-split{Split}");

    /// <summary>The manifests that come with the lab, by file name.</summary>
    /// <exception cref="InvalidDataException">One is not valid.</exception>
    /// <exception cref="DirectoryNotFoundException">The folder is missing.</exception>
    public static IReadOnlyList<DataSetManifest> All() => [.. Directory.EnumerateFiles(Folder(), "*.json").Order(StringComparer.Ordinal).Select(Load)];

    /// <summary>The manifest of a data set.</summary>
    /// <param name="key">The data set, such as <c>ucf101</c>.</param>
    /// <param name="split">Which official split; where there is only one, 0 or 1.</param>
    /// <exception cref="ArgumentException">There is none; the message lists what there is.</exception>
    public static DataSetManifest Find(string key, int split = 0)
    {
        IReadOnlyList<DataSetManifest> all = All();
        return all.FirstOrDefault(m => m.Key == key && (m.Split == split || (m.Split == 0 && split == 1) || (m.Split == 1 && split == 0)))
            ?? throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"There is no manifest for '{key}'{(split > 0 ? $", split {split}" : "")}; expected one of {string.Join(", ", all.Select(m => m.Id))}."));
    }

    /// <summary>Reads and checks a manifest.</summary>
    /// <exception cref="InvalidDataException">It is not valid; the message says where.</exception>
    public static DataSetManifest Load(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        long length = new FileInfo(path).Length;
        if (length > LongestFile)
            throw new InvalidDataException($"{path}: a manifest has at most {LongestFile} bytes; found {length}.");
        try
        {
            DataSetManifest manifest = JsonSerializer.Deserialize<DataSetManifest>(File.ReadAllBytes(path), s_json)
                ?? throw new InvalidDataException("expected an object, found null.");
            manifest.Validate();
            string name = Path.GetFileNameWithoutExtension(path);
            Require(name == manifest.Id, $"the file is called '{name}'; key and split make '{manifest.Id}'.");
            return manifest;
        }
        catch (Exception invalid) when (invalid is JsonException or InvalidDataException or ArgumentException)
        {
            throw new InvalidDataException($"{path} is not a valid manifest: {invalid.Message}", invalid);
        }
    }

    /// <summary>A recipe by name; the first one where no name is given.</summary>
    /// <exception cref="ArgumentException">There is none of this name; the message lists what there is.</exception>
    public DataRecipe Recipe(string? name = null) => (name is null ? Recipes[0] : Recipes.FirstOrDefault(r => r.Name == name))
        ?? throw new ArgumentException($"{Name} has no recipe '{name}'; expected one of {string.Join(", ", Recipes.Select(r => r.Name))}.");

    /// <summary>Checks that everything fits together.</summary>
    /// <exception cref="InvalidDataException">It does not; the message says what.</exception>
    public void Validate()
    {
        Require(Schema == 1, $"schema is {Schema}; this program reads 1.");
        Require(Key.Length > 0 && Key.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c)), $"key is '{Key}'; expected lower-case letters and digits.");
        Require(Split is >= 0 and <= 99, $"split is {Split}; expected 0 to 99.");
        foreach ((string what, string text) in new[] { ("name", Name), ("licence", Licence), ("request", Request), ("countsSource", CountsSource) })
            Require(text.Trim().Length > 0, $"{what} is empty.");
        Require(Uri.TryCreate(Request, UriKind.Absolute, out Uri? address) && address.Scheme == "https", $"request is '{Request}'; expected an https address.");
        string[] roles = ["classes", "train", "validation", "test"];
        foreach ((string role, IReadOnlyList<string> names) in AnnotationFiles)
        {
            Require(roles.Contains(role), $"annotationFiles has the role '{role}'; expected {string.Join(", ", roles)}.");
            Require(names.Count > 0 && names.All(n => n.Length > 0 && Path.GetFileName(n) == n), $"annotationFiles.{role} must be file names without folders; found [{string.Join(", ", names)}].");
        }
        Require(AnnotationFiles.ContainsKey("train") && AnnotationFiles.ContainsKey("validation"), "annotationFiles must name the files of train and validation.");
        Require(Classes is > 0 and <= 100_000, $"classes is {Classes}; expected 1 to 100000.");
        foreach ((string role, int count) in Videos)
            Require(roles.Contains(role) && count > 0, $"videos.{role} is {count}; expected train, validation or test, and a number above 0.");
        Require(Videos.ContainsKey("train") && Videos.ContainsKey("validation"), "videos must have train and validation.");
        Require(
            Extensions.Count > 0 && Extensions.All(e => e.Length > 1 && e[0] == '.' && e.Skip(1).All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c))),
            $"extensions is [{string.Join(", ", Extensions)}]; expected such as .mp4.");
        var paired = new HashSet<int>();
        foreach (IReadOnlyList<int> pair in FlipPairs)
        {
            Require(
                pair.Count == 2 && pair.All(c => c >= 0 && c < Classes) && pair.All(paired.Add),
                $"flipPairs has [{string.Join(", ", pair)}]; expected two different classes below {Classes}, each in one pair.");
        }
        Require(Recipes.Count > 0, "there are no recipes.");
        Require(Recipes.Select(r => r.Name).Distinct(StringComparer.Ordinal).Count() == Recipes.Count, "two recipes have the same name.");
        foreach (DataRecipe recipe in Recipes)
        {
            Require(recipe.Name.Length > 0 && recipe.Model.Length > 0 && recipe.Source.Length > 0, "a recipe has no name, model or source.");
            Require(recipe.Epochs > 0 && recipe.LabelSmoothing is >= 0 and < 1, $"recipe {recipe.Name}: epochs {recipe.Epochs}, labelSmoothing {recipe.LabelSmoothing}; expected above 0, and 0 to below 1.");
            foreach (ClipView view in new[] { recipe.Training, recipe.Validation, recipe.Test })
            {
                view.Validate();
                Require(view.Sampling.Frames == recipe.Training.Sampling.Frames, $"recipe {recipe.Name}: all views must have {recipe.Training.Sampling.Frames} frames; found {view.Sampling.Frames}.");
            }
            Require(recipe.Validation.TestViews == 1, $"recipe {recipe.Name}: validation must be one view; found {recipe.Validation.TestViews}.");
        }
    }

    /// <summary>The folder of the manifests: beside the program.</summary>
    private static string Folder()
    {
        string beside = Path.Combine(Path.GetDirectoryName(typeof(DataSetManifest).Assembly.Location) is { Length: > 0 } folder ? folder : AppContext.BaseDirectory, FolderName);
        return Directory.Exists(beside)
            ? beside
            : throw new DirectoryNotFoundException($"The manifests of data sets should lie in '{beside}'. Build the lab again: ./lab setup.");
    }

    private static void Require(bool holds, string problem)
    {
        if (!holds)
            throw new InvalidDataException(problem);
    }
}
