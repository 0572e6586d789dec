using TorchSharp.Modules;
using ZeroI2V.Lab.Backbone;

namespace ZeroI2V.Lab.Adapters;

/// <summary>What trains when an image model is adapted to video, in the two groups that an optimizer needs.</summary>
/// <param name="WithDecay">Weights and biases of adapters and head.</param>
/// <param name="WithoutDecay">The temporal embedding, and weights and biases of norms.</param>
public sealed record ParameterGroups(IReadOnlyList<(string Name, Parameter Parameter)> WithDecay, IReadOnlyList<(string Name, Parameter Parameter)> WithoutDecay)
{
    /// <summary>Number of trained values.</summary>
    public long Count => WithDecay.Concat(WithoutDecay).Sum(item => item.Parameter.NumberOfElements);
}

/// <summary>
/// Chooses the parameters that train: what the adaptation adds, the head, and of the image model what
/// <see cref="RecognizerOptions.Tuning"/> says. The official recipe is adapters, temporal embedding, last norm, head.
/// </summary>
public static class TrainableParameters
{
    /// <summary>Freezes everything else.</summary>
    /// <param name="recognizer">The model; <c>requires_grad</c> of each of its parameters is set.</param>
    /// <returns>The parameters that train.</returns>
    public static ParameterGroups Freeze(VideoRecognizer recognizer)
    {
        var trained = new HashSet<Parameter>(recognizer.Backbone.Added.Concat(recognizer.Head.parameters()), ReferenceEqualityComparer.Instance);
        trained.UnionWith(recognizer.Options.Tuning switch
        {
            BackboneTuning.LastNorm => recognizer.Backbone.LastNorm.parameters(),
            BackboneTuning.Full => recognizer.Backbone.parameters(),
            _ => [],
        });

        foreach (Parameter parameter in recognizer.parameters())
            parameter.requires_grad = trained.Contains(parameter);
        return Group(recognizer.named_parameters().Where(item => trained.Contains(item.parameter)), recognizer.Backbone);
    }

    /// <summary>Lets a whole image model train, as its pre-training does.</summary>
    /// <param name="model">The model; <c>requires_grad</c> of each of its parameters is set.</param>
    /// <returns>All its parameters.</returns>
    public static ParameterGroups Unfreeze(VisionTransformer model)
    {
        foreach (Parameter parameter in model.parameters())
            parameter.requires_grad = true;
        return Group(model.named_parameters(), model);
    }

    /// <summary>No decay on class, positional and temporal embeddings, norms and biases of norms; decay on all else, biases included.</summary>
    private static ParameterGroups Group(IEnumerable<(string Name, Parameter Parameter)> parameters, VisionTransformer backbone)
    {
        var spared = new HashSet<Parameter>(backbone.Embeddings.Concat(backbone.Norms.SelectMany(norm => norm.parameters())), ReferenceEqualityComparer.Instance);
        ILookup<bool, (string, Parameter)> groups = parameters.ToLookup(item => spared.Contains(item.Parameter));
        return new ParameterGroups([.. groups[false]], [.. groups[true]]);
    }
}
