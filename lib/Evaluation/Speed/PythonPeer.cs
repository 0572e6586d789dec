using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Stdha;

namespace ZeroI2V.Lab.Evaluation.Speed;

/// <summary>A Python with PyTorch that runs a model written in the official manner (<c>official_style.py</c>), asked in lines of JSON.</summary>
public sealed partial class PythonPeer : IDisposable
{
    private const string Script = "official_style.py";

    private static readonly string[] s_usual = ["python3", "/usr/bin/python3"];

    /// <summary>What the binding may set for libtorch before it is loaded, where it bears on speed.</summary>
    private static readonly string[] s_environment = ["OPENBLAS_CORETYPE", "OPENBLAS_THREAD_TIMEOUT", "OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "LD_LIBRARY_PATH"];

    private readonly Process _process;
    private readonly string _script;

    private PythonPeer(Process process, string script, string python)
    {
        _process = process;
        _script = script;
        Python = python;
    }

    /// <summary>The program.</summary>
    public string Python { get; }

    /// <summary>PyTorch's version.</summary>
    public string Version { get; private set; } = "";

    /// <summary>Whether this PyTorch has torch.compile.</summary>
    public bool Compiles { get; private set; }

    /// <summary>Whether it sees a GPU.</summary>
    public bool Cuda { get; private set; }

    /// <summary>The first Python here that can import torch; null for none.</summary>
    /// <param name="named">A Python to take and no other; null looks for <c>python3</c> on the PATH and in /usr/bin.</param>
    /// <exception cref="ArgumentException">The named one has no PyTorch.</exception>
    public static string? Find(string? named = null)
    {
        if (named is not null)
            return HasTorch(named) ? named : throw new ArgumentException($"--python {named} cannot import torch. Name a Python that has PyTorch, or leave the option out.", nameof(named));
        return s_usual.FirstOrDefault(HasTorch);
    }

    /// <summary>Starts it.</summary>
    /// <param name="python">The program.</param>
    /// <param name="threads">Threads of its matrix products.</param>
    /// <param name="sameEnvironment">
    /// True gives it the environment that the lab gives libtorch: which OpenBLAS, which kernels it takes on a processor that it does
    /// not know, and how long threads wait awake; false leaves it as a user would find it.
    /// </param>
    /// <exception cref="InvalidOperationException">It does not start.</exception>
    public static PythonPeer Start(string python, int threads, bool sameEnvironment)
    {
        string script = Path.Combine(Path.GetTempPath(), $"lab-{Environment.ProcessId}-{Guid.NewGuid():N}-{Script}");
        using (Stream source = typeof(PythonPeer).Assembly.GetManifestResourceStream(Script)!)
        using (FileStream target = File.Create(script))
            source.CopyTo(target);
        var start = new ProcessStartInfo(python, ["-W", "ignore", script]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment["OMP_NUM_THREADS"] = threads.ToString(System.Globalization.CultureInfo.InvariantCulture);
        foreach (string name in s_environment)
            start.Environment[name] = sameEnvironment ? NativeVariable(name) : FirstVariable(name);
        var peer = new PythonPeer(Process.Start(start)!, script, python);
        try
        {
            JsonObject hello = peer.Ask(new JsonObject { ["what"] = "hello", ["threads"] = threads });
            peer.Version = (string)hello["version"]!;
            peer.Compiles = (bool)hello["compiles"]!;
            peer.Cuda = (bool)hello["cuda"]!;
            return peer;
        }
        catch
        {
            peer.Dispose();
            throw;
        }
    }

    /// <summary>Whether the lab gives libtorch an environment of its own, so that it matters whether the peer has it too.</summary>
    public static bool EnvironmentsDiffer => s_environment.Any(name => NativeVariable(name) != FirstVariable(name));

    /// <summary>Whether the peer can be this recogniser: ZeroI2V by whole heads with linear adapters in all places, or none.</summary>
    /// <param name="options">The recogniser.</param>
    public static bool CanBe(RecognizerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options is { Aim: null, StAdapter: null, Lora: null, PoolBeforeNorm: false, Backbone.WithoutFirstNorm: false, Backbone.Activation: MlpActivation.QuickGelu }
            && options.Heads is { IsByHead: true, SameInEveryLayer: true, Border: BorderRule.OwnFrame }
            && (options.Adapters is null || options.Adapters is { Places: Adapters.AdapterPlaces.All, SeparateQueryKeyValue: false, Activation: Adapters.AdapterActivation.None });
    }

    /// <summary>Makes a model there.</summary>
    /// <param name="name">By which it is called.</param>
    /// <param name="options">The recogniser.</param>
    /// <param name="batch">Clips of a batch.</param>
    /// <param name="training">Whether it is to train.</param>
    /// <param name="precision">In which numbers, by autocast.</param>
    /// <param name="device">The device.</param>
    /// <param name="compile">Whether torch.compile works on it.</param>
    /// <param name="weights">A recogniser's file to take the weights from; null for random ones.</param>
    /// <exception cref="InvalidOperationException">It cannot; the message is PyTorch's.</exception>
    public void Make(string name, RecognizerOptions options, int batch, bool training, Precision precision, string device, bool compile = false, string? weights = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        VitOptions vit = options.Backbone;
        Ask(new JsonObject
        {
            ["what"] = "make",
            ["name"] = name,
            ["batch"] = batch,
            ["training"] = training,
            ["precision"] = precision.ToString(),
            ["device"] = device,
            ["compile"] = compile,
            ["weights"] = weights,
            ["model"] = new JsonObject
            {
                ["width"] = vit.Width,
                ["layers"] = vit.Layers,
                ["heads"] = vit.Heads,
                ["hidden"] = vit.MlpHidden,
                ["patch"] = vit.PatchSize,
                ["resolution"] = vit.Resolution,
                ["frames"] = options.Frames,
                ["classes"] = options.Classes,
                ["temporal"] = options.TemporalEmbedding,
                ["offsets"] = new JsonArray([.. options.Heads.Offsets(0, vit.Heads).Select(offset => (JsonNode)offset)]),
                ["bottleneck"] = options.Adapters?.Bottleneck(vit.Width) ?? 0,
                ["scale"] = options.Adapters?.Scale ?? 1,
                ["dropout"] = options.Adapters?.Dropout ?? 0,
                ["headDropout"] = options.HeadDropout,
            },
        });
    }

    /// <summary>Runs a model once.</summary>
    /// <param name="name">Which.</param>
    /// <returns>Seconds on its own clock.</returns>
    public double Run(string name) => (double)Ask(new JsonObject { ["what"] = "run", ["name"] = name })["seconds"]!;

    /// <summary>The most bytes held while a model runs once, above what was held before.</summary>
    /// <param name="name">Which.</param>
    public long Peak(string name) => (long)Ask(new JsonObject { ["what"] = "peak", ["name"] = name })["bytes"]!;

    /// <summary>A model's logits for clips.</summary>
    /// <param name="name">Which.</param>
    /// <param name="clipsFile">A safetensors file whose <c>clips</c> are (B, 3, T, H, W), 32-bit floats.</param>
    public double[] Logits(string name, string clipsFile) =>
        [.. Ask(new JsonObject { ["what"] = "logits", ["name"] = name, ["clips"] = clipsFile })["values"]!.AsArray().Select(value => (double)value!)];

    /// <summary>Frees all models.</summary>
    public void Drop() => Ask(new JsonObject { ["what"] = "drop" });

    /// <summary>Ends the process.</summary>
    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.StandardInput.Close();
            if (!_process.WaitForExit(5000))
                _process.Kill();
        }
        _process.Dispose();
        File.Delete(_script);
    }

    private JsonObject Ask(JsonObject request)
    {
        _process.StandardInput.WriteLine(request.ToJsonString());
        _process.StandardInput.Flush();
        string line = _process.StandardOutput.ReadLine()
            ?? throw new InvalidOperationException($"{Python} ended while it was asked to {request["what"]}. Its message stands above; on a machine with little memory, lower --batch.");
        JsonObject answer = JsonNode.Parse(line)!.AsObject();
        return answer["error"] is { } error ? throw new InvalidOperationException($"PyTorch in {Python}: {error}") : answer;
    }

    private static bool HasTorch(string python)
    {
        var start = new ProcessStartInfo(python, ["-c", "import torch"]) { RedirectStandardError = true, RedirectStandardOutput = true };
        try
        {
            using Process process = Process.Start(start)!;
            _ = process.StandardError.ReadToEndAsync();
            process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    /// <summary>A variable as this process was given it.</summary>
    private static string? FirstVariable(string name)
    {
        const string first = "/proc/self/environ";
        return File.Exists(first)
            ? File.ReadAllText(first).Split('\0').FirstOrDefault(line => line.StartsWith(name + "=", StringComparison.Ordinal))?[(name.Length + 1)..]
            : Environment.GetEnvironmentVariable(name);
    }

    /// <summary>A variable as native code sees it now, with what the binding set there.</summary>
    private static string? NativeVariable(string name) => OperatingSystem.IsLinux() ? Marshal.PtrToStringUTF8(getenv(name)) : null;

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial IntPtr getenv(string name);
}
