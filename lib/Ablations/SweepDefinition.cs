using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using ZeroI2V.Lab.Training;
using ZeroI2V.Lab.VideoData.MicroWorld;

namespace ZeroI2V.Lab.Ablations;

/// <summary>What a sweep does differently in one size.</summary>
public sealed record SweepSize
{
    /// <summary>Settings for every row; they win over a row's own.</summary>
    public JsonObject Settings { get; init; } = [];

    /// <summary>By axis, the only values that are run; an axis that is not named runs all.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Only { get; init; } = new Dictionary<string, IReadOnlyList<string>>();
}

/// <summary>
/// A sweep as a JSON file: axes, each with named values, each value a few settings over the options of a run
/// (<see cref="RunSettings"/>). Every combination of values is a row; every row is run on every kind of data for every seed.
/// One definition serves all sizes, and all image models: what it says of heads is put in a model's numbers (<see cref="HeadTerms"/>).
/// </summary>
public sealed record SweepDefinition
{
    /// <summary>Where the lab's own sweeps are, beside the program.</summary>
    public static string Folder { get; } = Path.Combine(Path.GetDirectoryName(typeof(SweepDefinition).Assembly.Location) ?? AppContext.BaseDirectory, "sweeps");

    private static readonly JsonSerializerOptions s_json = new(RunJson.Options) { AllowDuplicateProperties = false, RespectNullableAnnotations = true };

    /// <summary>Its name; its file is called so.</summary>
    public required string Name { get; init; }

    /// <summary>What it asks.</summary>
    public required string Question { get; init; }

    /// <summary>What a reader must know; "" for nothing.</summary>
    public string Note { get; init; } = "";

    /// <summary>Kinds of data, as <see cref="SweepData"/> names them.</summary>
    public required IReadOnlyList<string> Data { get; init; }

    /// <summary>The public data set that it was fitted to; null on the lab's own data.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SweepRecipe? Recipe { get; init; }

    /// <summary>Settings for every row.</summary>
    public JsonObject Settings { get; init; } = [];

    /// <summary>Axis → value → settings.</summary>
    public required JsonObject Axes { get; init; }

    /// <summary>
    /// What rows are compared with: by axis, a value. An axis that is not named is compared within: with the baseline
    /// <c>method: ZeroI2V</c> each row meets ZeroI2V at its own number of shots.
    /// </summary>
    public required IReadOnlyDictionary<string, string> Baseline { get; init; }

    /// <summary>By size (quick, small), what is different in it.</summary>
    public IReadOnlyDictionary<string, SweepSize> Sizes { get; init; } = new Dictionary<string, SweepSize>();

    /// <summary>Names of the axes, in order.</summary>
    public IReadOnlyList<string> AxisNames() => [.. Axes.Select(axis => axis.Key)];

    /// <summary>Values of an axis, in order.</summary>
    /// <param name="axis">Its name.</param>
    public IReadOnlyList<string> Values(string axis) => [.. Axes[axis]!.AsObject().Select(value => value.Key)];

    /// <summary>The lab's own sweeps by name.</summary>
    public static IReadOnlyList<string> Names() => !Directory.Exists(Folder) ? [] :
        [.. Directory.EnumerateFiles(Folder, "*.json").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)];

    /// <summary>Reads a sweep.</summary>
    /// <param name="nameOrFile">One of <see cref="Names"/>, or the path of a JSON file.</param>
    /// <exception cref="ArgumentException">There is no such sweep, or it is not sound; the message names what is wrong.</exception>
    public static SweepDefinition Open(string nameOrFile)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(nameOrFile);
        string file = nameOrFile.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ? nameOrFile : Path.Combine(Folder, nameOrFile + ".json");
        if (!File.Exists(file))
            throw new ArgumentException($"There is no sweep '{nameOrFile}'; choose one of {string.Join(", ", Names())}, or give the path of a JSON file.", nameof(nameOrFile));
        SweepDefinition sweep = Parse(File.ReadAllText(file), file);
        return sweep.Name == Path.GetFileNameWithoutExtension(file)
            ? sweep
            : throw new ArgumentException($"'{file}' must hold the sweep that it is named after; found '{sweep.Name}'. Rename one of them.", nameof(nameOrFile));
    }

    /// <summary>Reads a sweep from text.</summary>
    /// <param name="json">The JSON.</param>
    /// <param name="what">What the text is, for errors.</param>
    /// <exception cref="ArgumentException">It is not sound; the message names what is wrong.</exception>
    public static SweepDefinition Parse(string json, string what)
    {
        try
        {
            return (JsonSerializer.Deserialize<SweepDefinition>(json, s_json) ?? throw new ArgumentException($"'{what}' is null.", nameof(json))).Validate();
        }
        catch (JsonException error)
        {
            throw new ArgumentException($"'{what}' cannot be read as a sweep: {error.Message} Correct the name or value at that place.", nameof(json), error);
        }
    }

    /// <summary>The sweep on fewer kinds of data, or with runs cut short: another sweep, under a name that says so.</summary>
    /// <param name="epochs">Epochs of every run, the warm-up cut in proportion; 0 for those of the sweep.</param>
    /// <param name="data">Kinds of data; none for all.</param>
    /// <param name="training">How its runs are trained before any setting.</param>
    /// <returns>The sweep; this one where nothing is asked for.</returns>
    /// <exception cref="ArgumentException">The sweep has no such data, or its rows have epochs of their own.</exception>
    public SweepDefinition Narrowed(int epochs, IReadOnlyList<string> data, TrainingOptions training)
    {
        ArgumentNullException.ThrowIfNull(data);
        SweepDefinition narrowed = this;
        if (data.Count > 0 && !Data.All(data.Contains))
        {
            Require(data.All(Data.Contains), $"it has no data '{data.FirstOrDefault(kind => !Data.Contains(kind))}'; its data are {string.Join(", ", Data)}");
            narrowed = narrowed with { Name = $"{Name}-{string.Join('-', data)}", Data = [.. Data.Where(data.Contains)] };
        }
        if (epochs != 0)
        {
            const string Epochs = "training.epochs", WarmUp = "training.warmUpEpochs";
            Require(epochs > 0, $"its runs need at least 1 epoch; found {epochs}");
            Require(!Axes.Any(axis => axis.Value!.AsObject().Any(value => value.Value!.AsObject().ContainsKey(Epochs))), "its rows have epochs of their own, which one number for all would undo");
            TrainingOptions recipe = RunJson.With(training, Settings.Where(s => s.Key is Epochs or WarmUp).Select(s => $"{s.Key["training.".Length..]}={s.Value!.ToJsonString()}"));
            var cut = new JsonObject { [Epochs] = epochs, [WarmUp] = recipe.WarmUpEpochs * Math.Min(1, (double)epochs / recipe.Epochs) };
            narrowed = narrowed with
            {
                Name = $"{narrowed.Name}-{epochs}-epochs",
                Note = $"Runs of {epochs} epochs instead of {recipe.Epochs}. {Note}".TrimEnd(),
                Sizes = Enum.GetNames<MicroSize>().Select(name => name.ToLowerInvariant()).ToDictionary(name => name, name =>
                {
                    SweepSize own = Sizes.GetValueOrDefault(name) ?? new SweepSize();
                    JsonObject settings = own.Settings.DeepClone().AsObject();
                    foreach ((string place, JsonNode? value) in cut)
                        settings[place] = value!.DeepClone();
                    return own with { Settings = settings };
                }),
            };
        }
        return narrowed.Validate();
    }

    /// <summary>The definition as canonical JSON, by which two are told apart.</summary>
    public JsonNode ToJson() => JsonSerializer.SerializeToNode(this, s_json)!;

    /// <summary>Checks names, axes and every setting.</summary>
    /// <returns>This record.</returns>
    /// <exception cref="ArgumentException">The message names what is wrong.</exception>
    public SweepDefinition Validate()
    {
        Require(Name.Length > 0 && Name.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-'), $"its name must be made of lower-case letters, digits and dashes; found '{Name}'");
        Require(Data.Count > 0, "it is empty: name at least one kind of data");
        foreach (string data in Data)
            SweepData.Named(data);
        Require(Axes.Count > 0, "it is empty: give at least one axis");
        foreach ((string axis, JsonNode? values) in Axes)
        {
            Require(values is JsonObject { Count: > 0 }, $"the axis '{axis}' is empty: give at least one value, each with its settings");
            foreach ((string value, JsonNode? settings) in values!.AsObject())
            {
                Require(settings is JsonObject, $"the value '{value}' of the axis '{axis}' must have settings in braces; found {settings?.ToJsonString() ?? "null"}");
                RunSettings.Check(settings!.AsObject(), $"the value '{value}' of the axis '{axis}' of the sweep '{Name}'");
            }
        }
        RunSettings.Check(Settings, $"the sweep '{Name}'");
        foreach (string axis in Baseline.Keys)
            RequireValue(axis, Baseline[axis], "the baseline");
        Require(Baseline.Count > 0, "its baseline is empty: name the value of at least one axis that rows are compared with");
        foreach ((string name, SweepSize size) in Sizes)
        {
            Require(Enum.TryParse(name, ignoreCase: true, out MicroSize _), $"its sizes must be among {string.Join(", ", Enum.GetNames<MicroSize>()).ToLowerInvariant()}; found '{name}'");
            RunSettings.Check(size.Settings, $"the size '{name}' of the sweep '{Name}'");
            foreach ((string axis, IReadOnlyList<string> values) in size.Only)
            {
                Require(values.Count > 0, $"the size '{name}' leaves nothing of the axis '{axis}'");
                foreach (string value in values)
                    RequireValue(axis, value, $"the size '{name}'");
                Require(!Baseline.TryGetValue(axis, out string? kept) || values.Contains(kept), $"the size '{name}' must keep the baseline's value of the axis '{axis}', '{kept}'");
            }
        }
        return this;
    }

    /// <summary>Checks that an axis has a value.</summary>
    internal void RequireValue(string axis, string value, string where)
    {
        Require(Axes.ContainsKey(axis), $"{where} names the axis '{axis}', which it does not have; its axes are {string.Join(", ", AxisNames())}");
        Require(Values(axis).Contains(value), $"{where} names the value '{value}' of the axis '{axis}'; its values are {string.Join(", ", Values(axis))}");
    }

    private void Require(bool holds, string problem)
    {
        if (!holds)
            throw new ArgumentException($"The sweep '{Name}' is not sound: {problem}.");
    }
}
