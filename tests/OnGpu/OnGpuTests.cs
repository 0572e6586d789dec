using global::TorchSharp;
using TorchSharp.Modules;
using ZeroI2V.Lab.Adapters;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Evaluation;
using ZeroI2V.Lab.Evaluation.Speed;
using ZeroI2V.Lab.GradCam;
using ZeroI2V.Lab.Reparameterization;
using ZeroI2V.Lab.Stdha;
using ZeroI2V.Lab.Tests.Backbone;
using ZeroI2V.Lab.Tests.GradCam;
using ZeroI2V.Lab.Training;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Tests.OnGpu;

/// <summary>
/// What a GPU must give: the CPU's numbers. <see cref="SimulatedGpuTests"/> runs this class, in a process of its own: on the GPU that
/// is there, or on a simulated one.
/// </summary>
public sealed class OnGpuTests
{
    private static readonly Device s_gpu = new(DeviceType.CUDA, 0);

    public static TheoryData<string, string> Subjects =>
    [
        .. from method in AdaptationMethod.All.Select(method => method.Key).Append("wide heads").Append("half heads").Append("token shift").Append("separate adapters")
           from precision in Enum.GetNames<Precision>()
           select (method, precision),
    ];

    [Theory(Explicit = true)]
    [MemberData(nameof(Subjects))]
    public void A_recogniser_computes_the_CPUs_numbers(string what, string precision)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        RecognizerOptions options = Recognizer(what);
        Precision numbers = Enum.Parse<Precision>(precision);
        if (numbers != Precision.Float32 && (options.Tuning == BackboneTuning.Full || options.Lora is not null))
            return;
        using VideoRecognizer model = TinyModels.Filled(new VideoRecognizer(options));
        Tensor clips = TinyModels.Clips(), expected = model.call(clips);
        model.to(s_gpu);
        model.Cast(numbers);
        Tensor found = model.call(ComputeDevice.Bring(clips, s_gpu));
        Assert.Equal(s_gpu.type, found.device_type);
        Assert.InRange(TinyModels.Difference(expected, found.cpu()), 0, numbers switch { Precision.Float32 => 1e-5, Precision.Float16 => 0.01, _ => 0.1 });
    }

    [Theory(Explicit = true)]
    [MemberData(nameof(Subjects))]
    public void Gradients_are_the_CPUs(string what, string precision)
    {
        using var scope = NewDisposeScope();
        RecognizerOptions options = Recognizer(what);
        Precision numbers = Enum.Parse<Precision>(precision);
        if (numbers == Precision.Float16 || numbers != Precision.Float32 && (options.Tuning == BackboneTuning.Full || options.Lora is not null))
            return;
        Dictionary<string, float[]> here = Gradients(options, numbers, CPU, checkpointing: false);
        float largest = here.Values.SelectMany(values => values).Max(Math.Abs);
        foreach (bool checkpointing in (bool[])[false, true])
        {
            Dictionary<string, float[]> there = Gradients(options, numbers, s_gpu, checkpointing);
            Assert.Equal(here.Keys, there.Keys);
            foreach ((string name, float[] values) in here)
            {
                float apart = values.Zip(there[name], (a, b) => Math.Abs(a - b)).Max();
                Assert.True(apart < largest * (numbers == Precision.Float32 ? 1e-5 : 0.03), $"{name}, checkpointing {checkpointing}: {apart} of {largest}");
            }
        }
    }

    [Theory(Explicit = true)]
    [InlineData(false)]
    [InlineData(true)]
    public void AdamW_steps_as_on_the_CPU(bool amsgrad)
    {
        using var scope = NewDisposeScope();
        var found = new List<float[]>();
        foreach (Device device in (Device[])[CPU, s_gpu])
        {
            // The second has a gradient from the second step on, the last never.
            Parameter[] parameters = [.. Enumerable.Range(0, 4).Select(i => new Parameter(TinyModels.Numbers(i, 1, 3 + i, 5).to(device)))];
            using AdamW optimizer = optim.AdamW(parameters, lr: 0.01, weight_decay: 0.1, amsgrad: amsgrad);
            for (int step = 0; step < 4; step++)
            {
                optimizer.zero_grad();
                foreach ((int i, Parameter parameter) in parameters.Index().SkipLast(1))
                    if (i != 1 || step > 0)
                        parameter.mul(TinyModels.Numbers(10 * step + i, 1, parameter.shape).to(device)).sum().backward();
                optimizer.step();
            }
            Assert.All(parameters[..^1], parameter => Assert.Contains(parameter.grad!.cpu().data<float>().ToArray(), value => value != 0));
            optimizer.zero_grad();
            Assert.All(parameters[..^1], parameter => Assert.All(parameter.grad!.cpu().data<float>().ToArray(), value => Assert.Equal(0, value)));
            found.Add([.. parameters.SelectMany(parameter => parameter.detach().cpu().data<float>().ToArray())]);
        }
        Assert.All(found[0].Zip(found[1]), pair => Assert.Equal(pair.First, pair.Second, 1e-6));
    }

    [Fact(Explicit = true)]
    public void Clipped_gradients_and_smoothed_labels_are_the_CPUs()
    {
        using var scope = NewDisposeScope();
        Tensor logits = TinyModels.Numbers(3, 2, 4, 5), labels = tensor(new long[] { 0, 3, 1, 4 });
        var found = new List<(float Loss, float[] Gradient)>();
        foreach (Device device in (Device[])[CPU, s_gpu])
        {
            using var parameter = new Parameter(logits.detach().clone().to(device));
            Tensor loss = Trainer.SmoothedLoss(parameter, labels.to(device), 0.1);
            loss.backward();
            GradientClipping.Clip([parameter], 0.05);
            found.Add((loss.item<float>(), [.. parameter.grad!.cpu().data<float>()]));
        }
        Assert.Equal(found[0].Loss, found[1].Loss, 1e-5);
        Assert.All(found[0].Gradient.Zip(found[1].Gradient), pair => Assert.Equal(pair.First, pair.Second, 1e-6));
    }

    [Fact(Explicit = true)]
    public void Dropout_of_a_block_that_is_computed_again_is_what_it_was()
    {
        using var scope = NewDisposeScope();
        RecognizerOptions options = TinyModels.Recognizer with { Adapters = new AdapterOptions { Dropout = 0.5 } };
        using VideoRecognizer model = TinyModels.Filled(new VideoRecognizer(options));
        model.to(s_gpu);
        model.train();
        TrainableParameters.Freeze(model);
        using var checkpoints = new ActivationCheckpoints(model);
        var drawn = new List<float[]>();
        // What goes into a block's attention comes out of an adapter with dropout.
        foreach (ResidualBlock block in model.Backbone.Blocks)
            block.Observed += (point, x) => { if (point == BlockPoint.AttentionInput) drawn.Add([.. x.detach().cpu().contiguous().data<float>()]); };
        model.call(TinyModels.Clips().to(s_gpu)).sum().backward();
        int once = drawn.Count;
        checkpoints.Backward();
        Assert.Equal(2 * once, drawn.Count);
        // Blocks come again from the last to the first.
        for (int i = 0; i < once; i++)
            Assert.Equal(drawn[i], drawn[2 * once - 1 - i]);
    }

    [Fact(Explicit = true)]
    public void Maps_of_every_method_are_the_CPUs()
    {
        using var scope = NewDisposeScope();
        using VideoRecognizer model = TinyModels.Filled(new VideoRecognizer(TinyModels.Recognizer));
        using VisionTransformer image = TinyModels.Filled(new VisionTransformer(TinyModels.Vit));
        Tensor clips = TinyModels.Clips();
        var options = new CamOptions { Methods = [.. CamMethod.Every], Scores = [CamScore.Of(1)] };
        Tensor directions = TinyModels.Numbers(5, 1, 5, TinyModels.Vit.Width);
        float[][] here = Maps();
        model.to(s_gpu);
        image.to(s_gpu);
        float[][] there = Maps();
        Assert.Equal(here.Length, there.Length);
        for (int i = 0; i < here.Length; i++)
            Assert.All(here[i].Zip(there[i]), pair => Assert.Equal(pair.First, pair.Second, 1e-4));

        float[][] Maps() =>
        [
            .. ClassActivation.Explain(CamSubject.Of(model), clips, options).SelectMany(clip => clip.Maps).SelectMany(layer => (float[][])[layer.Map(HeadGroup.All).Values, layer.Map(HeadGroup.Temporal).Values]),
            .. ClassActivation.Explain(CamSubject.FrameByFrame(image, directions), clips, options).SelectMany(clip => clip.Maps).Select(layer => layer.Map(HeadGroup.All).Values),
        ];
    }

    [Fact(Explicit = true)]
    public void Deletion_insertion_and_random_parameters_are_the_CPUs()
    {
        using var scope = NewDisposeScope();
        using VideoRecognizer model = PlantedModel.Make();
        Tensor clip = PlantedModel.Clip(frame: 1, row: 2, column: 3);
        var options = new CamOptions { Methods = [CamMethod.HiResCam], Scores = [CamScore.Of(0)] };
        (double[] Deletion, double[] Insertion, double[] Similarity) here = Study();
        model.to(s_gpu);
        (double[] Deletion, double[] Insertion, double[] Similarity) there = Study();
        Assert.All(here.Deletion.Zip(there.Deletion), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
        Assert.All(here.Insertion.Zip(there.Insertion), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
        Assert.All(here.Similarity.Zip(there.Similarity), pair => Assert.Equal(pair.First, pair.Second, 1e-3));

        (double[], double[], double[]) Study()
        {
            CamSubject subject = CamSubject.Of(model);
            CamMap map = ClassActivation.Explain(subject, clip, options)[0].Maps[^1].Map(HeadGroup.All);
            var curves = DeletionInsertion.Of(subject, clip, map, 0, steps: 4);
            return ([.. curves.Deletion], [.. curves.Insertion], [.. RandomizedParameters.Of(model, clip, options, HeadGroup.All).Similarity]);
        }
    }

    [Fact(Explicit = true)]
    public void A_model_folds_where_it_is()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        using VideoRecognizer model = TinyModels.Filled(new VideoRecognizer(TinyModels.Recognizer));
        string file = folder["model.safetensors"];
        model.Save(file);
        model.to(s_gpu);
        using VideoRecognizer folded = Folding.Fold(model);
        Assert.All(folded.parameters(), parameter => Assert.Equal(s_gpu.type, parameter.device_type));
        EqualityReport report = FoldingProof.Of(model, folded, file);
        Assert.InRange(report.Random.Logits, 0, 1e-4);
        Assert.InRange(report.Real.Logits, 0, 1e-4);
    }

    [Fact(Explicit = true)]
    public void Batches_arrive_whole_while_the_GPU_computes()
    {
        using var scope = NewDisposeScope();
        var device = new Device(DeviceType.CUDA, cuda.device_count() - 1);
        Assert.NotNull(CopyStream.To(device));
        var sums = new List<(Tensor Found, long Expected)>();
        for (int batch = 0; batch < 50; batch++)
        {
            Tensor x = full([1000 * (1 + batch * 7 % 11), 100], batch, dtype: ScalarType.Int64);
            Tensor brought = ComputeDevice.Bring(x, device);
            sums.Add((brought.mul(2).sum(), 2 * batch * x.NumberOfElements));
            x.zero_();
        }
        Assert.All(sums, sum => Assert.Equal(sum.Expected, sum.Found.item<long>()));
    }

    [Fact(Explicit = true)]
    public void Memory_of_a_subject_grows_with_its_batch_and_shrinks_with_checkpoints()
    {
        (long Free, long Total) = GpuMemory.Left(s_gpu);
        Assert.InRange(Free, 1, Total);
        GpuMemory step = new(MicroRecipe.Recognizer, Batch: 4, Training: true, Precision.Float32, "cuda:0", Checkpointing: false);
        long peak = step.Peak();
        Assert.InRange((step with { Batch = 8 }).Peak(), 1.2 * peak, 3 * peak);
        Assert.InRange((step with { Checkpointing = true }).Peak(), 1, 0.8 * peak);
    }

    private static Dictionary<string, float[]> Gradients(RecognizerOptions options, Precision precision, Device device, bool checkpointing)
    {
        using VideoRecognizer model = TinyModels.Filled(new VideoRecognizer(options));
        model.Cast(precision);
        model.to(device);
        model.train();
        ParameterGroups groups = TrainableParameters.Freeze(model);
        using ActivationCheckpoints? checkpoints = checkpointing ? new ActivationCheckpoints(model) : null;
        Tensor clips = TinyModels.Clips().to(device), labels = tensor(new long[] { 1, 3 }).to(device);
        nn.functional.cross_entropy(model.call(clips), labels).backward();
        checkpoints?.Backward();
        return groups.WithDecay.Concat(groups.WithoutDecay).ToDictionary(item => item.Name, item => item.Parameter.grad!.cpu().data<float>().ToArray());
    }

    [Fact(Explicit = true)]
    public void The_labs_kernels_are_used()
    {
        string words = GpuKernels.InWords(s_gpu)!;
        Assert.True(words == "The lab's own kernels compute norms and sums on cuda:0 and move keys and values there.", words);
    }

    [Theory(Explicit = true)]
    [InlineData(ScalarType.Float32, 1e-6)]
    [InlineData(ScalarType.BFloat16, 1.0 / 256)]
    [InlineData(ScalarType.Float16, 1.0 / 2048)]
    public void Sum_norm_and_gradient_are_those_of_their_formulas(ScalarType type, double tolerance)
    {
        using var scope = NewDisposeScope();
        // Rows of one lane's, of all lanes', beyond the last whole warp, and the longest; next to one another and apart.
        foreach ((int rows, int width) in ((int, int)[])[(1, 4), (9, 128), (5, 260), (3, 1024)])
        {
            using LayerNorm norm = TinyModels.Filled(nn.LayerNorm(width));
            foreach (Parameter parameter in norm.parameters())
                parameter.requires_grad = false;
            norm.to(s_gpu);
            Tensor x = TinyModels.Numbers(1, 3, 2, rows, width).add(20).to(s_gpu).transpose(0, 1).requires_grad_(), y = TinyModels.Numbers(2, 1, rows, 2, width).to(s_gpu).to(type).requires_grad_();
            Tensor direction = TinyModels.Numbers(3, 1, rows, 2, width).to(s_gpu);
            Tensor wide = x.detach().to(ScalarType.Float64).requires_grad_(), change = y.detach().to(ScalarType.Float64).requires_grad_(), expected = Normed(wide.add(change));

            Assert.True(GpuKernels.Serve(x, type));
            Tensor sum = ResidualStream.Sum(x, y), normed = ResidualStream.Norm(sum, norm, type);
            Assert.Equal(type, normed.dtype);
            Equal(expected, normed, tolerance);
            normed.backward([direction.to(type)]);
            expected.backward([direction.to(type).to(ScalarType.Float64)]);
            Equal(wide.grad!, x.grad!, 4 * tolerance);
            Assert.Equal(type, y.grad!.dtype);
            Equal(change.grad!, y.grad!, 4 * tolerance);

            using var unrecorded = no_grad();
            (Tensor bothSum, Tensor bothNormed) = ResidualStream.SumNorm(x, y, norm, type);
            Equal(x.add(y.to(ScalarType.Float32)), bothSum, 0);
            Equal(normed, bothNormed, 0);
            Equal(sum, bothSum, 0);

            Tensor Normed(Tensor z) => z.sub(z.mean([2L], keepdim: true)) is var d
                ? d.div(d.square().mean([2L], keepdim: true).add(norm.eps).sqrt()).mul(norm.weight!.to(ScalarType.Float64)).add(norm.bias!.to(ScalarType.Float64)) : d;
        }

        static void Equal(Tensor expected, Tensor found, double tolerance)
        {
            Tensor apart = expected.detach().cpu().to(ScalarType.Float64).sub(found.detach().cpu().to(ScalarType.Float64)).abs();
            Assert.InRange(apart.max().item<double>(), 0, tolerance * (1 + expected.detach().abs().max().cpu().to(ScalarType.Float64).item<double>()));
        }
    }

    [Fact(Explicit = true)]
    public void What_is_no_number_stays_none()
    {
        using var scope = NewDisposeScope();
        using var unrecorded = no_grad();
        using LayerNorm norm = nn.LayerNorm(8, device: s_gpu);
        Tensor x = ones([3, 8]), change = zeros([3, 8]);
        x[1, 2].fill_(float.NaN);
        change[2, 5].fill_(float.PositiveInfinity);
        (Tensor sum, Tensor normed) = ResidualStream.SumNorm(x.to(s_gpu), change.to(s_gpu).to(ScalarType.BFloat16), norm, ScalarType.BFloat16);
        Assert.Equal([false, true, false], sum.isnan().any(1).cpu().data<bool>().ToArray());
        Assert.Equal([false, true, true], normed.isnan().any(1).cpu().data<bool>().ToArray());
        Assert.Equal(float.PositiveInfinity, sum[2, 5].item<float>());
    }

    [Fact(Explicit = true)]
    public void Heads_are_relocated_whatever_the_offset()
    {
        using var scope = NewDisposeScope();
        const int clips = 2, tokens = 3, heads = 4, depth = 8;
        GpuKernels kernels = GpuKernels.On(zeros([1], device: s_gpu))!;
        foreach (int frames in (int[])[1, 2, 3, 9])
            foreach (BorderRule border in Enum.GetValues<BorderRule>())
                foreach (ScalarType type in (ScalarType[])[ScalarType.Float32, ScalarType.BFloat16])
                    foreach ((int First, int Last) offsets in ((int, int)[])[(-1, 1), (2, -3), (5, 0), (0, -9), (0, 0)])
                    {
                        Tensor given = arange(clips * frames * tokens * 3 * heads * depth, dtype: ScalarType.Float32, device: s_gpu).remainder(251).to(type).view(clips * frames, tokens, 3 * heads * depth);
                        Tensor found = given.clone(), expected = given.clone();
                        bool moved = kernels.Relocate(found, [(1, offsets.First), (1, 0), (2, offsets.Last)], frames, border);
                        Assert.Equal(border != BorderRule.Wrap, moved);
                        if (moved)
                        {
                            foreach ((int first, int count, int offset) in ((int, int, int)[])[(0, 1, offsets.First), (2, 2, offsets.Last)])
                                FrameRelocation.Write(Heads(given, first, count), Heads(expected, first, count), 1, offset, border);
                        }
                        Assert.True(found.eq(expected).all().item<bool>(), $"{frames} frames, {border}, {type}, {offsets}");

                        Tensor Heads(Tensor all, int first, int count) => all.view(clips, frames, tokens, 3, heads, depth).narrow(3, 1, 2).narrow(4, first, count);
                    }
        // Heads of 12 bytes, and rows that lie apart.
        Assert.False(kernels.Relocate(zeros([2, 3, 3 * heads * 3], device: s_gpu), [(4, 1)], 2, BorderRule.OwnFrame));
        Assert.False(kernels.Relocate(zeros([3, 2, 3 * heads * depth], device: s_gpu).transpose(0, 1), [(4, 1)], 2, BorderRule.OwnFrame));
    }

    /// <summary>Without chance: a GPU draws other numbers.</summary>
    private static RecognizerOptions Recognizer(string what)
    {
        RecognizerOptions options = what switch
        {
            // In pieces of 16 bytes, which the lab's kernels move; the others' are left to libtorch.
            "wide heads" => TinyModels.Recognizer with { Backbone = TinyModels.Vit with { Width = 32 }, Heads = HeadSplit.Lowest(-1, 2, 1) with { Border = BorderRule.Clamp } },
            "half heads" => TinyModels.Recognizer with { Heads = HeadSplit.ChannelRanges(3, -1, 1) },
            "token shift" => TinyModels.Recognizer with { Heads = HeadSplit.TokenShift(6, -1, 1) },
            "separate adapters" => TinyModels.Recognizer with { Adapters = new AdapterOptions { SeparateQueryKeyValue = true } },
            _ => AdaptationMethod.Named(what).Apply(TinyModels.Recognizer),
        };
        return options with
        {
            HeadDropout = 0,
            Adapters = options.Adapters is null ? null : options.Adapters with { Dropout = 0 },
            Aim = options.Aim is null ? null : options.Aim with { DropPath = 0 },
        };
    }
}
