using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ZeroI2V.Lab.Evaluation;
using ZeroI2V.Lab.Training;

namespace ZeroI2V.Lab.Ablations;

/// <summary>Writes a sweep in the numbers of what it is done with: of the image model's heads, and of a public data set's recipe.</summary>
internal static class SweepFitting
{
    /// <summary>Fits a sweep; one that is fitted stays as it is.</summary>
    /// <param name="sweep">The sweep as its file has it.</param>
    /// <param name="source">What it is done with.</param>
    /// <returns>The sweep with plain settings; on a public data set under a name of its own, that data set its only data, compared with the recipe's own row.</returns>
    /// <exception cref="ArgumentException">The sweep does not fit the data or the image model.</exception>
    internal static SweepDefinition Fit(SweepDefinition sweep, SweepSource source)
    {
        PublicDataSet? set = source.DataSet;
        if (set is null)
        {
            string? elsewhere = sweep.Data.FirstOrDefault(data => !SweepData.Named(data).IsMade);
            return elsewhere is null ? OnOwnData(sweep)
                : throw new ArgumentException($"The sweep '{sweep.Name}' is of {SweepData.Named(elsewhere).Name}, a public data set: give the data set '{elsewhere}' and the file of its image model.");
        }
        var recipe = new SweepRecipe(set.Manifest.Id, set.Recipe.Name, set.Settings);
        if (sweep.Recipe is not null)
        {
            return sweep.Recipe.IsSame(recipe) ? sweep
                : throw new ArgumentException($"The sweep '{sweep.Name}' is of {sweep.Recipe}; found {recipe}. Take the sweep as the lab brings it.");
        }
        string name = sweep.Data is [string own] && own == set.Manifest.Id ? sweep.Name : $"{sweep.Name}-{set.Manifest.Id}";
        if (set.Recipe != set.Manifest.Recipes[0])
            name += $"-{set.Recipe.Name}";
        // With other settings it is a sweep of its own.
        if (set.Settings.Count > 0)
            name += $"-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', set.Settings))))[..6]}";
        string other = set.Settings.Count == 0 ? "" : $", but {string.Join(", ", set.Settings)}";
        return InTerms(
            sweep with { Name = name, Data = [set.Manifest.Id], Recipe = recipe, Note = $"{sweep.Note} By the recipe {set.Recipe.Name}{other}.".TrimStart() },
            HeadTerms.Of(set.Run(set.Clips, seed: 0).Recognizer),
            set);
    }

    /// <summary>A sweep in the numbers of the lab's own image model.</summary>
    internal static SweepDefinition OnOwnData(SweepDefinition sweep) => InTerms(sweep, HeadTerms.Of(MicroRecipe.Recognizer with { Heads = SweepSource.MicroHeads }), set: null);

    private static SweepDefinition InTerms(SweepDefinition sweep, HeadTerms terms, PublicDataSet? set)
    {
        HashSet<string> given = [.. sweep.Recipe?.Settings.Select(setting => setting.Split('=')[0]) ?? []];
        var axes = new JsonObject();
        var baseline = sweep.Baseline.ToDictionary(value => terms.Words(value.Key), value => terms.Words(value.Value));
        foreach ((string axisName, JsonNode? values) in sweep.Axes)
        {
            string axis = terms.Words(axisName);
            var kept = new JsonObject();
            string? asRecipe = null, same = null;
            foreach ((string valueName, JsonNode? value) in values!.AsObject())
            {
                if (Plain(value!.AsObject(), $"The value '{valueName}' of the axis '{axis}' in the sweep '{sweep.Name}'") is not JsonObject settings)
                    continue;
                string name = terms.Words(valueName);
                if (HeadTerms.IsAsRecipe(value.AsObject()))
                    (asRecipe, settings) = (name, []);
                else if (set is not null && IsTheRecipe(settings, set))
                    same ??= name;
                kept[name] = settings;
            }
            if (asRecipe is not null && (set is null || same is not null))
                kept.Remove(asRecipe);
            if ((same ?? (set is null ? null : asRecipe)) is string published && baseline.ContainsKey(axis))
                baseline[axis] = published;
            if (kept.Count == 0)
                throw new ArgumentException($"The sweep '{sweep.Name}' has no value of the axis '{axis}' for an image model of {terms.Heads} heads. Take another image model.");
            axes[axis] = kept;
        }
        return (sweep with
        {
            Note = terms.Words(sweep.Note),
            Settings = Plain(sweep.Settings, $"The sweep '{sweep.Name}'") ?? [],
            Axes = axes,
            Baseline = baseline,
            Sizes = sweep.Sizes.ToDictionary(size => size.Key, size => new SweepSize
            {
                Settings = Plain(size.Value.Settings, $"The size '{size.Key}' of the sweep '{sweep.Name}'") ?? [],
                Only = size.Value.Only.ToDictionary(only => terms.Words(only.Key), only => (IReadOnlyList<string>)[.. only.Value.Select(terms.Words)]),
            }),
        }).Validate();

        // What is given for the whole sweep wins over what it sets at that place.
        JsonObject? Plain(JsonObject settings, string whose)
        {
            JsonObject? plain = terms.Settings(settings, whose);
            foreach (string place in given)
                plain?.Remove(place);
            return plain;
        }
    }

    /// <summary>Whether settings leave the recipe as it is.</summary>
    private static bool IsTheRecipe(JsonObject value, PublicDataSet set)
    {
        RunSettings settings = RunSettings.Of(value);
        if (settings.Shots is not null || settings.HoldOut is not null || settings.HeadChoice != HeadChoice.Lowest)
            return false;
        return Json(settings.Set(set.Run(set.Clips, settings.Method, seed: 0))) == Json(set.Run(set.Clips, seed: 0));

        static string Json(VideoRunOptions run) => JsonSerializer.Serialize(run, RunJson.Line);
    }
}
