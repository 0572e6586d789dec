namespace ZeroI2V.Lab.VideoData;

/// <summary>How the frames of a clip lie in a video.</summary>
public enum FrameRule
{
    /// <summary>One frame from each of T equal parts of the whole video (Something-Something V2, UCF101, HMDB51).</summary>
    Uniform,

    /// <summary>T frames at a fixed distance (Kinetics-400).</summary>
    Strided,
}

/// <summary>Which frames of a video a recogniser sees. The numbers are those of the official pipelines, at every corner: halves
/// are rounded to the even number, a short video is run through again by strided sampling and repeats frames in uniform sampling.</summary>
/// <remarks>
/// N is the number of frames of the video, T of the clip, s the stride, C the number of clips; rhe rounds halves to even.
/// <list type="bullet">
/// <item>Strided, test: L = (T-1)s + 1, m = max(N-L, 0), clip k starts at m/2 (rounded down, C = 1) or rhe(k m/(C-1)).</item>
/// <item>Strided, training: L = Ts (not (T-1)s + 1, as in the official code), a = (N-L+1)/C rounded down. a above 0: clip k starts
/// at ka plus a draw below a. Else N above max(C, L): sorted draws from 0 to N-L. Else a = 0: rhe(k (N-L+1)/C). Else 0.</item>
/// <item>Uniform: q = (N-1)/T. Test: rhe(qi) plus q(k+1)/(C+1), cut off. Training: a draw from rhe(qi) to rhe(q(i+1)), so that
/// neighbours can draw the same frame.</item>
/// </list>
/// </remarks>
public sealed record FrameSampling
{
    /// <summary>How the frames lie.</summary>
    public FrameRule Rule { get; init; } = FrameRule.Uniform;

    /// <summary>T, the frames of a clip.</summary>
    public required int Frames { get; init; }

    /// <summary>s, the distance of neighbouring frames (frames). Strided sampling only.</summary>
    public int Stride { get; init; } = 1;

    /// <summary>C, the clips of a video. Uniform sampling takes one in training, whatever this says.</summary>
    public int Clips { get; init; } = 1;

    /// <summary>Strided: past the end the clip's last frame is repeated, where otherwise the video is run through again.</summary>
    public bool RepeatLast { get; init; }

    /// <summary>Strided, test: 2C clips at the same distance; the second half comes back from the start.</summary>
    public bool TwiceClips { get; init; }

    /// <summary>Strided, training: the parts that clips start in are not rounded down to whole frames.</summary>
    public bool KeepTailFrames { get; init; }

    /// <summary>Strided, training: each frame moves by a draw below the stride.</summary>
    public bool JitterEachFrame { get; init; }

    /// <summary>Strided, test: the stride is in frames of a video with this rate (frames a second).</summary>
    public double? TargetFrameRate { get; init; }

    /// <summary>Number of the first frame: 1 for folders of numbered pictures.</summary>
    public int FirstFrame { get; init; }

    /// <summary>Checks that the options fit together.</summary>
    /// <exception cref="ArgumentException">They do not.</exception>
    public void Validate()
    {
        Require(Frames is > 0 and <= 4096, $"Frames is {Frames}; expected 1 to 4096.");
        Require(Stride is > 0 and <= 4096, $"FrameStride is {Stride}; expected 1 to 4096.");
        Require(Clips is > 0 and <= 4096, $"Clips is {Clips}; expected 1 to 4096.");
        Require(FirstFrame >= 0, $"FirstFrame is {FirstFrame}; expected 0 or more.");
        Require(
            Rule == FrameRule.Strided || (Stride == 1 && !RepeatLast && !TwiceClips && !KeepTailFrames && !JitterEachFrame && TargetFrameRate is null),
            "Stride, RepeatLast, TwiceClips, KeepTailFrames, JitterEachFrame and TargetFrameRate belong to strided sampling; leave them out or set Rule to Strided.");
        Require(!TwiceClips || Clips > 1, "TwiceClips needs at least 2 clips.");
        Require(TargetFrameRate is null or > 0, $"TargetFrameRate is {TargetFrameRate}; expected a rate above 0.");
    }

    /// <summary>Frame numbers for testing: nothing is drawn.</summary>
    /// <param name="totalFrames">N.</param>
    /// <param name="framesPerSecond">Rate of the video; only <see cref="TargetFrameRate"/> needs it.</param>
    /// <returns>Clip after clip, frame after frame: C T numbers (2 C T with <see cref="TwiceClips"/>).</returns>
    /// <exception cref="ArgumentException">The options do not fit together, or the video is empty.</exception>
    public int[] Test(int totalFrames, double framesPerSecond = 0)
    {
        Check(totalFrames);
        return Rule == FrameRule.Uniform ? UniformTest(totalFrames) : StridedTest(totalFrames, framesPerSecond);
    }

    /// <summary>Frame numbers for training.</summary>
    /// <param name="totalFrames">N.</param>
    /// <param name="draws">Where the random choices come from.</param>
    /// <returns>Clip after clip, frame after frame: C T numbers (T in uniform sampling).</returns>
    /// <exception cref="ArgumentException">The options do not fit together, or the video is empty.</exception>
    public int[] Train(int totalFrames, IDraws draws)
    {
        ArgumentNullException.ThrowIfNull(draws);
        Check(totalFrames);
        if (TargetFrameRate is not null)
            throw new ArgumentException("TargetFrameRate is for testing; leave it out in training.");
        return Rule == FrameRule.Uniform ? UniformTrain(totalFrames, draws) : StridedTrain(totalFrames, draws);
    }

    private static int RoundHalfEven(double value) => (int)Math.Round(value, MidpointRounding.ToEven);

    private static void Require(bool holds, string problem)
    {
        if (!holds)
            throw new ArgumentException(problem);
    }

    private void Check(int totalFrames)
    {
        Validate();
        Require(totalFrames > 0, $"The video has {totalFrames} frames; expected at least 1. Leave the clip out.");
    }

    private int[] UniformTest(int n)
    {
        double q = (double)(n - 1) / Frames, shift = q / (Clips + 1);
        var indices = new int[Clips * Frames];
        for (int k = 0; k < Clips; k++)
        {
            for (int i = 0; i < Frames; i++)
                indices[k * Frames + i] = RoundHalfEven(q * i) + (int)(shift * (k + 1)) + FirstFrame;
        }
        return indices;
    }

    private int[] UniformTrain(int n, IDraws draws)
    {
        double q = (double)(n - 1) / Frames;
        var indices = new int[Frames];
        for (int i = 0; i < Frames; i++)
            indices[i] = draws.Whole(RoundHalfEven(q * i), RoundHalfEven(q * (i + 1))) + FirstFrame;
        return indices;
    }

    private int[] StridedTest(int n, double framesPerSecond)
    {
        if (TargetFrameRate is { } target)
            return StridedTestAtRate(n, framesPerSecond, target);

        var starts = new int[TwiceClips ? 2 * Clips : Clips];
        if (Frames == 1)
        {
            // One frame a clip: the middles of C equal parts.
            double part = (double)n / Clips;
            for (int k = 0; k < starts.Length; k++)
                starts[k] = (int)(k * part + part / 2);
        }
        else
        {
            int m = Math.Max(n - ((Frames - 1) * Stride + 1), 0);
            if (Clips == 1)
            {
                starts[0] = m / 2;
            }
            else
            {
                double between = (double)m / (Clips - 1);
                for (int k = 0; k < starts.Length; k++)
                    starts[k] = RoundHalfEven(k * between);
            }
        }
        return Bound(Walk(starts), n);
    }

    private int[] StridedTestAtRate(int n, double framesPerSecond, double target)
    {
        Require(
            framesPerSecond > 0 && double.IsFinite(framesPerSecond),
            $"TargetFrameRate needs the video's own rate; found {framesPerSecond}.");
        double length = Math.Max(1, Frames * Stride * framesPerSecond / target), m = Math.Max(n - length, 0);
        var indices = new int[(TwiceClips ? 2 : 1) * Clips * Frames];
        for (int i = 0; i < indices.Length; i++)
        {
            (int k, int j) = (i / Frames, i % Frames);
            double start = Clips == 1 ? Math.Floor(m / 2) : k * Math.Floor(m / (Clips - 1));
            // The last frame is the clip's end itself, not a product that rounding could move.
            double along = j == 0 ? 0 : j == Frames - 1 ? length - 1 : j * ((length - 1) / (Frames - 1));
            indices[i] = (int)start + (int)along;
        }
        return Bound(indices, n);
    }

    private int[] StridedTrain(int n, IDraws draws)
    {
        var starts = new int[Clips];
        int length = Frames * Stride, free = n - length + 1;
        if (KeepTailFrames)
        {
            double part = (double)free / Clips;
            if (n > length - 1)
            {
                for (int k = 0; k < Clips; k++)
                    starts[k] = (int)(k * part + draws.Real(0, part));
            }
        }
        else
        {
            int part = (int)Math.Floor((double)free / Clips);
            if (part > 0)
            {
                for (int k = 0; k < Clips; k++)
                    starts[k] = k * part + draws.Whole(0, part - 1);
            }
            else if (n > Math.Max(Clips, length))
            {
                for (int k = 0; k < Clips; k++)
                    starts[k] = draws.Whole(0, n - length);
                Array.Sort(starts);
            }
            else if (part == 0)
            {
                double ratio = (double)free / Clips;
                for (int k = 0; k < Clips; k++)
                    starts[k] = RoundHalfEven(k * ratio);
            }
        }

        int[] indices = Walk(starts);
        if (JitterEachFrame)
        {
            for (int i = 0; i < indices.Length; i++)
                indices[i] += draws.Whole(0, Stride - 1);
        }
        return Bound(indices, n);
    }

    private int[] Walk(int[] starts)
    {
        var indices = new int[starts.Length * Frames];
        for (int i = 0; i < indices.Length; i++)
            indices[i] = starts[i / Frames] + i % Frames * Stride;
        return indices;
    }

    private int[] Bound(int[] indices, int n)
    {
        for (int clip = 0; clip < indices.Length; clip += Frames)
        {
            Span<int> frames = indices.AsSpan(clip, Frames);
            int last = 0;
            foreach (int index in frames)
                last = index < n ? Math.Max(last, index) : last;
            foreach (ref int index in frames)
                index = (RepeatLast && index >= n ? last : index % n) + FirstFrame;
        }
        return indices;
    }
}
