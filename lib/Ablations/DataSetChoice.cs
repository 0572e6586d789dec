namespace ZeroI2V.Lab.Ablations;

/// <summary>A public data set and the image model that is adapted to it, as commands and notebooks name them.</summary>
/// <param name="DataSet">A data set that <c>lab data import</c> made lists of, such as <c>ssv2</c> or <c>ucf101-split2</c>; a data set of several splits by its bare name is its first.</param>
/// <param name="ImageModel">The image model's file, such as CLIP's <c>ViT-B-16.pt</c>.</param>
public sealed record DataSetChoice(string DataSet, string ImageModel)
{
    /// <summary>The recipe of the data set's manifest; "" for its first.</summary>
    public string Recipe { get; init; } = "";

    /// <summary>What differs from the recipe, as <c>lab adapt --set</c> takes it, such as <c>training.epochs=10</c>.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>A choice where a data set is named.</summary>
    /// <param name="dataSet">The data set; "" for the lab's own data.</param>
    /// <param name="imageModel">The image model's file.</param>
    /// <param name="recipe">The recipe.</param>
    /// <param name="settings">What differs from it.</param>
    /// <returns>The choice; null for the lab's own data.</returns>
    /// <exception cref="ArgumentException">An image model, a recipe or settings are given without a data set.</exception>
    public static DataSetChoice? Of(string dataSet, string imageModel, string recipe, IReadOnlyList<string> settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (!string.IsNullOrEmpty(dataSet))
            return new DataSetChoice(dataSet, imageModel) { Recipe = recipe, Settings = settings };
        string surplus = !string.IsNullOrEmpty(imageModel) ? $"the image model '{imageModel}'" : !string.IsNullOrEmpty(recipe) ? $"the recipe '{recipe}'" : settings.Count > 0 ? $"the setting '{settings[0]}'" : "";
        return surplus.Length == 0 ? null : throw new ArgumentException($"Found {surplus} and no data set that it is for. Name one, such as ssv2, or leave it out: the lab's own data have their own image model and recipe.");
    }
}
