using System.Globalization;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Checkpoints;
using ZeroI2V.Lab.Parity;
using ZeroI2V.Lab.Reparameterization;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.GradCam;

/// <summary>Compares a model's activations, gradients and maps with a folder's.</summary>
/// <param name="manifest">What the folder holds.</param>
/// <param name="expected">Its tensors.</param>
/// <param name="clips">The input, (B, 3, T, H, W).</param>
internal sealed class CamComparison(CamManifest manifest, WeightSet expected, Tensor clips)
{
    private readonly HashSet<string> _compared = [];

    /// <summary>Everything that the folder holds.</summary>
    internal List<ParityRow> All(VideoRecognizer model)
    {
        _compared.Clear();
        List<ParityRow> rows = Rows(model, manifest.Places, activations: true);
        // What a folder holds and nobody looked at would prove less than it seems to.
        rows.AddRange(expected.Tensors.Keys.Except(_compared).Order(StringComparer.Ordinal).Select(name => new ParityRow(name, null, null, false, "the folder holds this; nothing in its manifest says how to make it")));
        return rows;
    }

    /// <summary>The folded model's maps, wherever folding leaves the tensor that they are made from.</summary>
    internal IEnumerable<ParityRow> Folded(VideoRecognizer folded) =>
        Rows(folded, [.. manifest.Places.Where(place => place.Place != CamPlace.AttentionInput)], activations: false).Select(row => row with { What = "folded: " + row.What });

    private List<ParityRow> Rows(VideoRecognizer model, IReadOnlyList<CamManifestPlace> places, bool activations)
    {
        using var scope = NewDisposeScope();
        using Evaluating evaluating = new(model);
        using IDisposable mode = enable_grad();
        CamSubject subject = CamSubject.Of(model);
        (int Layer, BlockPoint Point)[] points = [.. places.Select(place => (place.Block, place.Place.Point())).Distinct()];
        using var recorder = new CamRecorder(subject.Backbone, points);
        Tensor logits = subject.Logits(clips.detach().requires_grad_());
        var rows = new List<ParityRow> { ParityRow.Of("logits", FoldingReport.Difference(logits.detach(), Expected("logits")), ParityCheck.LogitTolerance) };
        if (activations)
            rows.AddRange(places.Select(place => Compare($"{place.Name}: activation", place.Activation, Stored(recorder[(place.Block, place.Place.Point())], place), CamParity.ActivationTolerance)));
        foreach (int target in manifest.Classes)
        {
            CamScore score = CamScore.Of(target);
            score.Validate(subject.Classes);
            int frames = (int)clips.shape[2];
            CamPass Pass(CamPlace place)
            {
                var pass = new CamPass(subject, recorder, place, [.. Enumerable.Repeat(score, (int)clips.shape[0])], frames);
                pass.Backward(logits, points);
                return pass;
            }
            using var inner = NewDisposeScope();
            Dictionary<CamPlace, CamPass> passes = places.Select(place => place.Place).Distinct().ToDictionary(place => place, Pass);
            if (activations)
            {
                rows.AddRange(places.Select(place => Compare(
                    Named($"{place.Name}: gradient", target), place.Gradient.Replace("<k>", target.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal),
                    Stored(passes[place.Place].Gradient((place.Block, place.Place.Point())), place), CamParity.MapTolerance)));
            }
            foreach (CamManifestTarget maps in manifest.Targets.Where(item => places.Contains(item.Place)))
            {
                foreach (CamMethod method in manifest.Methods)
                    rows.AddRange(Maps(maps, method, target, passes[maps.Place.Place], subject, recorder));
            }
        }
        return rows;
    }

    private IEnumerable<ParityRow> Maps(CamManifestTarget target, CamMethod method, int number, CamPass pass, CamSubject subject, CamRecorder recorder)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"{target.Prefix}/{method.Name}/class{number}");
        VitOptions vit = subject.Backbone.Options;
        int side = vit.Resolution / vit.PatchSize, frames = (int)clips.shape[2];
        if (target.End > vit.Width)
            throw new ParityException($"{manifest.Name}: {target.Prefix} ends at channel {target.End}; the model has {vit.Width}.");
        float[] raw = Raw(target, (ChannelCam)method, pass, subject, recorder);
        yield return Compare(name, name + "/raw", tensor(raw).view(clips.shape[0], frames, side, side), CamParity.MapTolerance);
        if (!expected.Tensors.TryGetValue(name + "/scaled", out Tensor? scaled))
            yield break;
        _compared.Add(name + "/scaled");
        long stored = scaled.shape.Length == 4 ? Math.Min(scaled.shape[0], clips.shape[0]) : 0;
        var map = new CamMap(raw.AsSpan(0, (int)stored * frames * side * side).ToArray(), (int)stored * frames, side, side);
        Tensor made = tensor(MapScaling.EachFrame(map, vit.Resolution, vit.Resolution)).view(stored, frames, vit.Resolution, vit.Resolution);
        yield return made.shape.SequenceEqual(scaled.shape)
            ? ParityRow.Of(name + ", scaled", FoldingReport.Difference(made, scaled), CamParity.ScaledTolerance)
            : new ParityRow(name + ", scaled", null, null, false, $"shape ({string.Join(", ", made.shape)}); the folder has ({string.Join(", ", scaled.shape)})");
    }

    /// <summary>The maps of all clips, (B, T, rows, columns), made the way that everybody gets them where the channels are those of a group of heads.</summary>
    private static float[] Raw(CamManifestTarget target, ChannelCam method, CamPass pass, CamSubject subject, CamRecorder recorder)
    {
        VitOptions vit = subject.Backbone.Options;
        int channels = vit.Width / vit.Heads;
        int[] offsets = subject.HaveOffsets(target.Place.Block) ? subject.Offsets(target.Place.Block) : [];
        IEnumerable<int> heads = Enumerable.Range(target.First / channels, (target.End - target.First) / channels);
        if (offsets.Length > 0 && target.First % channels == 0 && target.End % channels == 0
            && HeadGroup.Of(offsets).Concat(Enumerable.Range(0, offsets.Length).Select(HeadGroup.Head)).FirstOrDefault(group => group.Within(offsets).SequenceEqual(heads)) is { } known)
            return [.. pass.Make(method, target.Place.Block).SelectMany(maps => maps.Map(known, EvidenceFrame.Query).Values)];
        using var scope = NewDisposeScope();
        (int, BlockPoint) key = (target.Place.Block, target.Place.Place.Point());
        return [.. method.Contributions(Slice(recorder[key].detach()), Slice(pass.Gradient(key))).sum(-1L).contiguous().cpu().data<float>()];

        Tensor Slice(Tensor x)
        {
            Tensor tokens = SideBySide(x);
            return tokens.narrow(1, 1, tokens.shape[1] - 1).narrow(2, target.First, target.End - target.First);
        }
    }

    /// <summary>A tensor as the folder stores it: (B, T, N, D), or the class token's (B, T, D).</summary>
    private Tensor Stored(Tensor x, CamManifestPlace place)
    {
        Tensor tokens = SideBySide(x.detach());
        return place.ClassTokenOnly
            ? tokens.select(1, 0).reshape(clips.shape[0], clips.shape[2], -1)
            : tokens.reshape(clips.shape[0], clips.shape[2], tokens.shape[1], -1);
    }

    /// <summary>Heads (B·T, h, N, d) to (B·T, N, D).</summary>
    private static Tensor SideBySide(Tensor x) => x.shape.Length == 4 ? x.transpose(1, 2).flatten(2) : x;

    private ParityRow Compare(string what, string name, Tensor found, double tolerance)
    {
        Tensor reference = Expected(name);
        if (!reference.shape.SequenceEqual(found.shape))
            return new ParityRow(what, null, tolerance, false, $"shape ({string.Join(", ", found.shape)}); the folder has ({string.Join(", ", reference.shape)})");
        double largest = reference.abs().max().to(ScalarType.Float64).item<double>();
        return ParityRow.Of(what, FoldingReport.Difference(found, reference), tolerance * largest);
    }

    private Tensor Expected(string name)
    {
        _compared.Add(name);
        return expected[name];
    }

    private static string Named(string what, int target) => string.Create(CultureInfo.InvariantCulture, $"{what}, class {target}");
}
