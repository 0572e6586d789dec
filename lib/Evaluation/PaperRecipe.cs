using System.Globalization;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Training;
using ZeroI2V.Lab.VideoData;
using ZeroI2V.Lab.VideoData.DataSets;

namespace ZeroI2V.Lab.Evaluation;

/// <summary>A run by the paper's recipe on a public data set, all of it from the manifest and the preset that it names.</summary>
public static class PaperRecipe
{
    /// <summary>The recogniser's preset that a recipe names.</summary>
    /// <exception cref="ArgumentException">There is none of this name.</exception>
    public static RecognizerOptions Recognizer(DataRecipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        string[] name = recipe.Model.Split('.');
        return name.Length == 2 && typeof(Presets).GetNestedType(name[0])?.GetProperty(name[1])?.GetValue(null) is RecognizerOptions preset
            ? preset
            : throw new ArgumentException($"The recipe '{recipe.Name}' names the preset '{recipe.Model}'; there is none of this name in Presets.", nameof(recipe));
    }

    /// <summary>What training, validation and test see of a list, with the data set's labels swapped by mirroring. A list with fewer classes
    /// than those, of other videos say, is not mirrored: which of its classes change places is not known.</summary>
    public static RunViews Views(DataSetManifest manifest, DataRecipe recipe, ClipList list)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentNullException.ThrowIfNull(list);
        bool known = manifest.FlipPairs.All(pair => pair[0] < list.Classes.Count && pair[1] < list.Classes.Count);
        ClipTransform transform = recipe.Training.Transform;
        return new RunViews
        {
            Training = recipe.Training with
            {
                Transform = known ? transform with { LabelsSwappedByFlip = [.. manifest.FlipPairs.Select(pair => (pair[0], pair[1]))] } : transform with { FlipProbability = 0 },
            },
            Validation = recipe.Validation,
            Test = recipe.Test,
        };
    }

    /// <summary>A list of a data set, as <c>lab data import</c> wrote it.</summary>
    /// <param name="root">The folder of data sets.</param>
    /// <param name="manifest">The data set.</param>
    /// <param name="list"><see cref="DataImport.TrainList"/> or <see cref="DataImport.ValidationList"/>.</param>
    /// <exception cref="FileNotFoundException">It was not imported.</exception>
    public static ClipList List(string root, DataSetManifest manifest, string list)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        string path = Path.Combine(root, manifest.Id, list);
        return File.Exists(path) ? ClipList.Load(path) : throw new FileNotFoundException($"{path}: there is no such list. Import the data set first: lab data import {manifest.Key}.", path);
    }

    /// <summary>The run.</summary>
    /// <param name="manifest">The data set.</param>
    /// <param name="recipe">One of its recipes.</param>
    /// <param name="data">The imported lists.</param>
    /// <param name="imageModelSha256">Hash of the image model's file.</param>
    /// <param name="seed">The run's seed.</param>
    public static VideoRunOptions Run(DataSetManifest manifest, DataRecipe recipe, VideoRunData data, string imageModelSha256, int seed)
    {
        ArgumentNullException.ThrowIfNull(data);
        ClipList list = data.Train.List;
        RunViews views = Views(manifest, recipe, list);
        return new VideoRunOptions
        {
            // A part of a data set has fewer classes; the head has as many as the list.
            Recognizer = Recognizer(recipe) with { Classes = list.Classes.Count },
            Training = new TrainingOptions { Epochs = recipe.Epochs, LabelSmoothing = recipe.LabelSmoothing, Seed = seed },
            Sampling = views.Training.Sampling,
            Views = views,
            Data = string.Create(CultureInfo.InvariantCulture, $"{data.Name}, recipe {recipe.Name}"),
            DataSha256 = data.Sha256,
            ImageModelSha256 = imageModelSha256,
        };
    }
}
