using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using FFMpegCore;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Evaluation;
using ZeroI2V.Lab.VideoData;
using ZeroI2V.Lab.VideoData.MicroWorld;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Benchmarks;

/// <summary>Clips a second of the loader beside PyAV and OpenCV on the same files and frame numbers, in one run; how long training
/// waits for data; whether memory stays flat. Arguments: data [all | speed | training] [rounds] [clips] [python].</summary>
internal static class DataLoading
{
    private const int Workers = 2, Short = 256, Crop = 224;
    private const double Goal = 1.5;

    public static int Run(string[] args)
    {
        string what = args.Length > 0 ? args[0] : "all";
        if (what is not ("all" or "speed" or "training"))
            throw new ArgumentException($"Expected all, speed or training; found '{what}'.");
        int rounds = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 3;
        int clips = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 16;
        bool fast = what == "training" || Speed(rounds, clips, args.Length > 3 ? args[3] : "/usr/bin/python3");
        return fast && (what == "speed" || (Waiting() < 0.05 & Memory() < 0.05)) ? 0 : 1;
    }

    private static bool Speed(int rounds, int clips, string python)
    {
        string folder = Directory.CreateTempSubdirectory("lab-benchmark-").FullName;
        try
        {
            Console.WriteLine($"{VideoFile.Decoder}; {Workers} workers; H.264, 10 s, 30 frames/s; short side {Short}, centre {Crop}, floats");
            using var peers = new Peers(python);
            bool fast = true;
            // Bit rates as in copies of Kinetics-400: about half a megabyte and a megabyte for ten seconds.
            foreach ((string name, string source, int kilobits) in new[]
            {
                ("240p", "testsrc2=size=426x240:rate=30:duration=10,noise=alls=12:allf=t", 400),
                ("320p", "mandelbrot=size=568x320:rate=30,noise=alls=6:allf=t", 700),
            })
            {
                string file = Path.Combine(folder, name + ".mp4");
                FFMpegArguments.FromFileInput(source, verifyExists: false, input => input.ForceFormat("lavfi").WithCustomArgument("-t 10"))
                    .OutputToFile(file, overwrite: true, output => output.WithCustomArgument($"-c:v libx264 -preset medium -b:v {kilobits}k -pix_fmt yuv420p"))
                    .ProcessSynchronously();
                fast &= Compare(folder, file, 8, 16, rounds, clips, peers);
                fast &= Compare(folder, file, 32, 4, rounds, clips, peers);
            }
            return fast;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static bool Compare(string folder, string file, int frames, int stride, int rounds, int clips, Peers peers)
    {
        string name = Path.GetFileNameWithoutExtension(file);
        int total = VideoFile.Probe(file).Frames;
        string[] paths = [.. Enumerable.Range(0, clips).Select(i => $"{name}-{i:00}.mp4")];
        foreach (string path in paths.Where(path => !File.Exists(Path.Combine(folder, path))))
            File.CreateSymbolicLink(Path.Combine(folder, path), file);
        var list = new ClipList
        {
            Name = name, Synthetic = true, Classes = ["any"], ClassGroups = [""], ReversedClass = [-1], Root = folder,
            Clips = [.. paths.Select(path => new ClipRecord { Path = path, Label = 0, Frames = total })],
        };
        var sampling = new FrameSampling { Rule = FrameRule.Strided, Frames = frames, Stride = stride };
        var loader = new ClipLoader(DecodedClips.OnDemand(list), new ClipLoaderOptions
        {
            Training = true, BatchSize = 4, Sampling = sampling, Workers = Workers,
            Transform = new ClipTransform { ShortSide = Short, Crop = CropRule.Center, CropSize = Crop },
        });
        // Peers with one decoding thread in each worker process, and with as many as they start by themselves.
        (string Name, string Peer, bool Threads)[] others = [("pyav", "pyav", false), ("pyav, its threads", "pyav", true), ("opencv", "opencv", false), ("opencv, its threads", "opencv", true)];
        string[] all = ["lab", .. others.Select(other => other.Name), "decoder alone"];
        Dictionary<string, List<double>> times = all.ToDictionary(name => name, _ => new List<double>());
        // Twice: the runtime compiles what is called often once more.
        Take(loader, 0);
        Take(loader, 0);
        for (int round = 1; round <= rounds; round++)
        {
            // The loader's own draws, for all.
            int[][] numbers = [.. Enumerable.Range(0, clips).Select(i => sampling.Train(total, SeededDraws.For(0, round, i)))];
            times["lab"].Add(Time(() => Take(loader, round)));
            foreach ((string other, string peer, bool threads) in others)
                times[other].Add(peers.Seconds(peer, threads, [.. paths.Select((path, i) => (Path.Combine(folder, path), numbers[i]))]));
            // The floor: of every wanted frame one pixel is converted.
            times["decoder alone"].Add(Time(() => Parallel.For(
                0, clips, new ParallelOptions { MaxDegreeOfParallelism = Workers }, i => VideoFile.Decode(file, numbers[i], (_, _) => new CropBox(0, 0, 1, 1)))));
        }
        double[] ratios = [.. Enumerable.Range(0, rounds).Select(r => others.Min(other => times[other.Name][r]) / times["lab"][r])];
        Array.Sort(ratios);
        double ratio = ratios[rounds / 2];
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{name}, {frames} frames of stride {stride}: {string.Join(", ", times.Select(t => $"{t.Key} {clips / t.Value.Order().ElementAt(rounds / 2):0.0}"))} clips/s; lab / better peer {ratio:0.00} ({ratios[0]:0.00} to {ratios[^1]:0.00})"));
        return ratio >= Goal;
    }

    /// <summary>Share of the time that training the small ViT on clips decoded on demand waits for them.</summary>
    private static double Waiting()
    {
        string root = Directory.CreateTempSubdirectory("lab-benchmark-").FullName;
        try
        {
            MicroSplits micro = MicroSsv2.Ensure(root, MicroSize.Quick);
            var loader = new ClipLoader(DecodedClips.OnDemand(micro.Train), new ClipLoaderOptions
            {
                Training = true, BatchSize = 16, Sampling = new FrameSampling { Frames = 8 }, DropLast = true,
                // Each clip ten times an epoch: four batches would be a start and an end, real data sets have hundreds.
                Subset = [.. Enumerable.Range(0, 10 * micro.Train.Clips.Count).Select(i => i % micro.Train.Clips.Count)],
                Transform = new ClipTransform { ShortSide = MicroRecipe.Recognizer.Backbone.Resolution },
            });
            using var scope = NewDisposeScope();
            using var model = new VideoRecognizer(MicroRecipe.Recognizer);
            using optim.Optimizer optimizer = optim.AdamW(model.parameters(), lr: 1e-3);
            var clock = new Stopwatch();
            TimeSpan before = default;
            for (int epoch = 0; epoch < 3; epoch++)
            {
                // The first epoch warms up.
                if (epoch == 1)
                {
                    before = loader.Waited;
                    clock.Start();
                }
                foreach (ClipBatch batch in loader.Epoch(epoch))
                {
                    using (batch)
                    using (NewDisposeScope())
                    {
                        optimizer.zero_grad();
                        Tensor loss = nn.functional.cross_entropy(model.call(batch.Clips), batch.Labels);
                        loss.backward();
                        optimizer.step();
                    }
                }
            }
            double share = (loader.Waited - before) / clock.Elapsed;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"small ViT on clips decoded on demand: {100 * share:0.0} % of training waits for data"));
            return share;
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    /// <summary>How much memory grows from the 2,000th to the 10,000th clip, as a share.</summary>
    private static double Memory()
    {
        string root = Directory.CreateTempSubdirectory("lab-benchmark-").FullName;
        try
        {
            MicroSplits micro = MicroSsv2.Ensure(root, MicroSize.Quick);
            var loader = new ClipLoader(DecodedClips.OnDemand(micro.Train), new ClipLoaderOptions
            {
                Training = true, BatchSize = 16, Sampling = new FrameSampling { Frames = 8 }, Transform = new ClipTransform { Crop = CropRule.RandomResized, CropSize = 64, Augment = new RandAugment() },
            });
            var sizes = new List<long>();
            int clips = 0;
            for (int epoch = 0; clips < 10_000; epoch++)
            {
                foreach (ClipBatch batch in loader.Epoch(epoch))
                {
                    using (batch)
                        clips += batch.Indices.Count;
                }
                if (clips / 1000 > sizes.Count)
                    sizes.Add(Environment.WorkingSet >> 20);
            }
            double growth = (double)sizes[^1] / sizes[1] - 1;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{clips} clips: working set {string.Join(", ", sizes)} MiB; from 2,000 on {100 * growth:+0.0;-0.0} %"));
            return growth;
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static void Take(ClipLoader loader, int epoch)
    {
        foreach (ClipBatch batch in loader.Epoch(epoch))
            batch.Dispose();
    }

    private static double Time(Action action)
    {
        var clock = Stopwatch.StartNew();
        action();
        return clock.Elapsed.TotalSeconds;
    }

    /// <summary>benchmarks/data_peers.py in a process of its own.</summary>
    private sealed class Peers : IDisposable
    {
        private readonly Process _process;

        public Peers(string python)
        {
            string script = Path.Combine(AppContext.BaseDirectory, "data_peers.py");
            _process = Process.Start(new ProcessStartInfo(python, [script]) { RedirectStandardInput = true, RedirectStandardOutput = true })
                ?? throw new InvalidOperationException($"{python} could not be started.");
        }

        public double Seconds(string peer, bool threads, (string Path, int[] Numbers)[] clips)
        {
            _process.StandardInput.WriteLine(JsonSerializer.Serialize(new
            {
                peer, threads, clips = clips.Select(clip => new object[] { clip.Path, clip.Numbers }), @short = Short, crop = Crop, workers = Workers,
            }));
            string answer = _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"data_peers.py ended ({peer}); it needs python3-av and python3-opencv.");
            return double.Parse(answer, CultureInfo.InvariantCulture);
        }

        public void Dispose()
        {
            _process.StandardInput.Close();
            _process.WaitForExit();
            _process.Dispose();
        }
    }
}
