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
        .. from method in AdaptationMethod.All.Select(method => method.Key).Append("half heads").Append("token shift").Append("separate adapters")
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

    /// <summary>Without chance: a GPU draws other numbers.</summary>
    private static RecognizerOptions Recognizer(string what)
    {
        RecognizerOptions options = what switch
        {
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
