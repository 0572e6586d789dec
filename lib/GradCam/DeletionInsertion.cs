using static TorchSharp.torch;

namespace ZeroI2V.Lab.GradCam;

/// <summary>The model's probability for a class while patches are taken away or brought in, the strongest first.</summary>
/// <param name="Shares">Part of the patches that was changed, from 0 to 1.</param>
/// <param name="Deletion">Probability while patches are taken away.</param>
/// <param name="Insertion">Probability while patches are brought into a clip that has none.</param>
public sealed record DeletionInsertion(IReadOnlyList<double> Shares, IReadOnlyList<double> Deletion, IReadOnlyList<double> Insertion)
{
    /// <summary>Steps that go through the model at once, two clips each.</summary>
    private const int StepsTogether = 8;

    /// <summary>Area under the deletion curve: the lower, the more the map knows.</summary>
    public double DeletionArea => Area(Deletion);

    /// <summary>Area under the insertion curve: the higher, the more the map knows.</summary>
    public double InsertionArea => Area(Insertion);

    /// <summary>
    /// Deletion and insertion (Petsiuk, Das and Saenko 2018) for clips: patches of all frames in one order. A patch that is missing shows
    /// the mean colour of its frame, which is there all the time: black would be an object of its own.
    /// </summary>
    /// <param name="subject">The model.</param>
    /// <param name="clip">Normalised pixels, (1, 3, T, H, W).</param>
    /// <param name="map">The map whose order is tested.</param>
    /// <param name="target">The class.</param>
    /// <param name="steps">Steps from none to all.</param>
    /// <exception cref="CamException">The map has another number of frames or patches, or the model no such class.</exception>
    public static DeletionInsertion Of(CamSubject subject, Tensor clip, CamMap map, int target, int steps = 16)
    {
        ArgumentNullException.ThrowIfNull(subject);
        ArgumentNullException.ThrowIfNull(clip);
        ArgumentNullException.ThrowIfNull(map);
        CamScore.Of(target).Validate(subject.Classes);
        if (steps is < 1 or > 1024)
            throw new CamException($"{steps} steps; choose 1 to 1024.");
        long[] s = clip.shape;
        if (s.Length != 5 || s[0] != 1 || s[2] != map.Frames || s[3] % map.Rows != 0 || s[4] % map.Columns != 0)
            throw new CamException($"The clip has shape ({string.Join(", ", s)}); the map has {map.Frames} frames of {map.Rows}×{map.Columns} patches.");
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using Evaluating evaluating = new(subject.Model);
        int[] order = [.. Enumerable.Range(0, map.Values.Length).OrderByDescending(i => map.Values[i])];
        clip = subject.Bring(clip);
        Tensor blank = clip.mean([3L, 4L], keepdim: true).expand(s);
        var shares = new double[steps + 1];
        double[] deletion = new double[steps + 1], insertion = new double[steps + 1];
        for (int first = 0; first <= steps; first += StepsTogether)
        {
            using var inner = NewDisposeScope();
            int count = Math.Min(StepsTogether, steps + 1 - first);
            var marks = new float[count * map.Values.Length];
            for (int i = 0; i < count; i++)
            {
                int changed = (int)Math.Round((double)map.Values.Length * (first + i) / steps);
                shares[first + i] = (double)changed / map.Values.Length;
                foreach (int patch in order.Take(changed))
                    marks[i * map.Values.Length + patch] = 1;
            }
            Tensor mask = tensor(marks).view(count, 1, map.Frames, map.Rows, map.Columns)
                .repeat_interleave(s[3] / map.Rows, 3).repeat_interleave(s[4] / map.Columns, 4).to(clip.device);
            Tensor kept = mask.neg().add(1);
            Tensor both = cat([clip.mul(kept).add(blank.mul(mask)), clip.mul(mask).add(blank.mul(kept))]);
            float[] probabilities = [.. subject.Logits(both).softmax(-1).select(1, target).to(ScalarType.Float32).cpu().contiguous().data<float>()];
            for (int i = 0; i < count; i++)
                (deletion[first + i], insertion[first + i]) = (probabilities[i], probabilities[count + i]);
        }
        return new DeletionInsertion(shares, deletion, insertion);
    }

    private double Area(IReadOnlyList<double> curve)
    {
        double area = 0;
        for (int i = 1; i < curve.Count; i++)
            area += (Shares[i] - Shares[i - 1]) * (curve[i] + curve[i - 1]) / 2;
        return area;
    }
}
