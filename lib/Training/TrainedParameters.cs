using TorchSharp.Modules;

namespace ZeroI2V.Lab.Training;

/// <summary>Parameters that train together, by the names under which a checkpoint keeps them.</summary>
/// <param name="Parameters">Name and parameter, names unique over all groups.</param>
/// <param name="Decays">False for norms and embeddings, which have no weight decay.</param>
public sealed record TrainedParameters(IReadOnlyList<(string Name, Parameter Parameter)> Parameters, bool Decays);
