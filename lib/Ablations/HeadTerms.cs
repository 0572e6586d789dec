using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Training;

namespace ZeroI2V.Lab.Ablations;

/// <summary>
/// What a sweep says of heads, in the numbers of one image model, so that one definition fits all of them. In words:
/// <c>{heads}</c>, <c>{channels}</c> of a head, <c>{offsets}</c> of the recipe. In the settings of a value: channels as a part of
/// a head (<c>"1/4 head"</c>, <c>"about 1/{heads} head"</c> to the nearest channel), offsets <c>"recipe"</c>; and for which image
/// models the value is (<c>fewestHeads</c>, <c>mostHeads</c>), or that it leaves all to a public data set's recipe
/// (<c>asRecipe</c>: it is left out where another value does so, and on the lab's own data).
/// </summary>
/// <param name="Heads">h.</param>
/// <param name="Channels">d.</param>
/// <param name="Offsets">The recipe's offsets, by layer or once for all.</param>
internal sealed partial record HeadTerms(int Heads, int Channels, IReadOnlyList<IReadOnlyList<int>> Offsets)
{
    private const string FewestKey = "fewestHeads", MostKey = "mostHeads", AsRecipeKey = "asRecipe";
    private const string ChannelsPlace = "recognizer.heads.channels", OffsetsPlace = "recognizer.heads.lowestByLayer";

    /// <summary>For a check of terms alone: whatever the image model, they are read.</summary>
    private static HeadTerms Any { get; } = new(1, 1, [[]]);

    /// <summary>Those of a recogniser.</summary>
    internal static HeadTerms Of(RecognizerOptions recognizer) =>
        new(recognizer.Backbone.Heads, recognizer.Backbone.Width / recognizer.Backbone.Heads, recognizer.Heads.LowestByLayer);

    /// <summary>Checks the terms of a value for whatever image model.</summary>
    /// <param name="value">The settings.</param>
    /// <param name="whose">Whose they are, for errors.</param>
    /// <returns>The settings, with numbers in place of terms.</returns>
    internal static JsonObject Checked(JsonObject value, string whose) => Any.Settings(value, whose) ?? [];

    /// <summary>Whether a value leaves all to the recipe.</summary>
    internal static bool IsAsRecipe(JsonObject value) => value[AsRecipeKey] is JsonValue asked && asked.GetValueKind() == JsonValueKind.True;

    /// <summary>Words with the numbers in them.</summary>
    internal string Words(string text) => text
        .Replace("{heads}", Heads.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
        .Replace("{channels}", Channels.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
        .Replace("{offsets}", Offsets.Count == 1 ? string.Join(' ', Offsets[0].Select(offset => offset.ToString("+0;-0;0", CultureInfo.InvariantCulture))) : "by layer", StringComparison.Ordinal);

    /// <summary>A value's settings in plain options.</summary>
    /// <param name="value">The settings; those that say nothing of heads stay.</param>
    /// <param name="whose">Whose they are, for errors.</param>
    /// <returns>The settings; null where the value is not for this image model.</returns>
    /// <exception cref="ArgumentException">A term is not known, or cannot be had with this image model.</exception>
    internal JsonObject? Settings(JsonObject value, string whose)
    {
        bool any = ReferenceEquals(this, Any);
        int fewest = Bound(value, FewestKey, whose) ?? 0, most = Bound(value, MostKey, whose) ?? int.MaxValue;
        if (!any && (Heads < fewest || Heads > most))
            return null;
        var settings = new JsonObject();
        foreach ((string place, JsonNode? setting) in value)
        {
            if (place is FewestKey or MostKey)
                continue;
            if (place == AsRecipeKey)
                Require(IsAsRecipe(value) && value.All(other => other.Key is AsRecipeKey or FewestKey or MostKey), $"{AsRecipeKey} is true and alone: such a value sets nothing itself");
            else if (place == ChannelsPlace && setting is JsonValue part && part.TryGetValue(out string? text))
                settings[place] = ChannelsOf(text);
            else if (place == OffsetsPlace && setting is JsonValue name && name.TryGetValue(out string? word))
                settings[place] = word == "recipe" ? JsonSerializer.SerializeToNode(Offsets, RunJson.Options) : throw Wrong($"{OffsetsPlace} is '{word}'; expected \"recipe\", or offsets for each layer or once for all");
            else
                settings[place] = setting?.DeepClone();
        }
        if (settings[OffsetsPlace] is JsonArray layers && settings[ChannelsPlace] is null && layers.OfType<JsonArray>().Select(layer => layer.Count).DefaultIfEmpty().Max() is int asked && asked > Heads && !any)
            throw Wrong($"it asks for offsets of {asked} heads; the image model has {Heads}. Say \"{FewestKey}\": {asked} there to leave it out, or take another image model");
        return settings;

        int ChannelsOf(string text)
        {
            Match match = PartOfHead().Match(Words(text));
            Require(match.Success, $"{ChannelsPlace} is '{text}'; expected a number of channels, or a part of a head such as \"1/4 head\" or \"1 1/2 heads\"");
            int Number(string group, int otherwise) => match.Groups[group].Success ? int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture) : otherwise;
            int below = Number("below", 1);
            Require(below > 0, $"{ChannelsPlace} is '{text}': a part has no zero below");
            double channels = Channels * (Number("whole", 0) + (double)Number("above", 0) / below);
            int whole = Math.Max(1, (int)Math.Round(channels, MidpointRounding.AwayFromZero));
            Require(any || match.Groups["about"].Success || whole == channels, $"{text} is {channels.ToString("0.##", CultureInfo.InvariantCulture)} of a head's {Channels} channels, and they cannot be parted. Leave the value out, or take another image model");
            return whole;
        }

        void Require(bool holds, string problem)
        {
            if (!holds)
                throw Wrong(problem);
        }

        ArgumentException Wrong(string problem) => new($"{whose} does not fit: {problem}.");
    }

    private static int? Bound(JsonObject value, string key, string whose) =>
        !value.TryGetPropertyValue(key, out JsonNode? bound) ? null
        : bound is JsonValue number && number.TryGetValue(out int heads) && heads > 0 ? heads
        : throw new ArgumentException($"{whose} does not fit: {key} is {bound?.ToJsonString() ?? "null"}; expected a number of heads.");

    [GeneratedRegex(@"^(?<about>about )?((?<whole>\d{1,4})( (?<above>\d{1,4})/(?<below>\d{1,4}))?|(?<above>\d{1,4})/(?<below>\d{1,4})) heads?$", RegexOptions.CultureInvariant)]
    private static partial Regex PartOfHead();
}
