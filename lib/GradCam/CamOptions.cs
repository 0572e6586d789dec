namespace ZeroI2V.Lab.GradCam;

/// <summary>Which maps are made. All groups of heads of a layer come with it.</summary>
public sealed record CamOptions
{
    /// <summary>How; several methods share one forward and backward pass.</summary>
    public IReadOnlyList<CamMethod> Methods { get; init; } = [CamMethod.GradCam];

    /// <summary>The tensor that methods of channels use.</summary>
    public CamPlace Place { get; init; } = CamPlace.HeadValues;

    /// <summary>The blocks, from 0; null for the last one in which the place has a gradient at the patches.</summary>
    public IReadOnlyList<int>? Layers { get; init; }

    /// <summary>What is explained; each score costs a backward pass.</summary>
    public IReadOnlyList<CamScore> Scores { get; init; } = [CamScore.Predicted];

    /// <summary>The layers, checked against a model.</summary>
    /// <exception cref="CamException">Something is asked for that is not there.</exception>
    internal IReadOnlyList<int> Validate(CamSubject subject)
    {
        int layers = subject.Backbone.Options.Layers;
        if (Methods.Count == 0 || Scores.Count == 0 || Layers is { Count: 0 })
            throw new CamException("There must be at least one method, one layer and one score.");
        foreach (CamScore score in Scores)
            score.Validate(subject.Classes);
        int last = Place.IsAfterAttention() && Methods.Any(method => method is ChannelCam) ? layers - 2 : layers - 1;
        IReadOnlyList<int> wanted = Layers ?? [last];
        foreach (int layer in wanted)
        {
            if (layer < 0 || layer >= layers)
                throw new CamException(layer == -1 ? $"The model has one layer, and what comes after its attention has no gradient at the patches. Use {nameof(CamPlace.HeadValues)}." : $"There is no layer {layer}; the model has {layers}, 0 to {layers - 1}.");
            if (layer > last)
                throw new CamException($"Only the class token of the last block is read, so what comes after its attention has no gradient at the patches and every map is zero. Use {nameof(CamPlace.HeadValues)}, or a layer below {layer}.");
        }
        return wanted;
    }
}
