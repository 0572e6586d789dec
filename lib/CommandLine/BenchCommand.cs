using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Evaluation.Speed;
using ZeroI2V.Lab.Files;
using ZeroI2V.Lab.Notebooks;
using ZeroI2V.Lab.Reporting;
using ZeroI2V.Lab.VideoData.MicroWorld;

namespace ZeroI2V.Lab.CommandLine;

/// <summary><c>lab bench</c>: speed and memory beside the plain image model, the peers' methods and PyTorch, interleaved in one run.</summary>
internal static class BenchCommand
{
    internal static Command Create()
    {
        Option<string[]> preset = new("--preset") { Description = "Only these presets, such as ViTB16.Kinetics400_8x16; micro is the lab's small model.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [] };
        Option<Precision[]> precision = new("--precision") { Description = "In which numbers; may be several.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [Precision.Float32] };
        Option<Workload[]> workload = new("--workload") { Description = "What is timed; by default all.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => Enum.GetValues<Workload>() };
        Option<int> rounds = new("--rounds") { Description = "Rounds that count; each runs everything once.", DefaultValueFactory = _ => 7 };
        Option<int> batch = new("--batch") { Description = "Clips of a batch for the throughput; 0 for as many as fit on a GPU, and 4 on a CPU.", DefaultValueFactory = _ => 0 };
        Option<bool> quick = new("--quick") { Description = "The lab's small model only, two rounds: to see that everything runs." };
        Option<bool> few = new("--no-methods") { Description = "Leaves AIM and ST-Adapter out." };
        Option<string?> python = new("--python") { Description = "A Python with PyTorch to measure beside; by default the first that has it." };
        Option<bool> alone = new("--no-python") { Description = "Leaves PyTorch out." };
        Option<string> output = new("--out") { Description = "The results' file; a table and a chart are written beside it.", DefaultValueFactory = _ => Path.Combine("runs", "bench", "speed.json") };
        var command = new Command("bench", "Measures latency, throughput, training step and memory of ZeroI2V beside the plain ViT, AIM, ST-Adapter and a PyTorch model in the official manner.")
        {
            preset, precision, workload, rounds, batch, quick, few, python, alone, output,
        };
        command.SetAction((parsed, token) => Task.Run(
            () =>
            {
                bool small = parsed.GetValue(quick) || RunSize.Or(MicroSize.Small) == MicroSize.Quick;
                string[] chosen = parsed.GetValue(preset)!;
                var options = new SpeedOptions
                {
                    Presets = chosen.Length > 0 ? [.. chosen.Select(SpeedOptions.Preset)] : small ? SpeedOptions.QuickPresets : SpeedOptions.AllPresets,
                    Precisions = parsed.GetValue(precision)!,
                    Workloads = parsed.GetValue(workload)!,
                    Device = ComputeDevice.Chosen.ToString(),
                    Rounds = small ? Math.Min(2, parsed.GetValue(rounds)) : parsed.GetValue(rounds),
                    Batch = parsed.GetValue(batch),
                    Methods = !parsed.GetValue(few),
                    Peer = !parsed.GetValue(alone),
                    Python = parsed.GetValue(alone) ? null : PythonPeer.Find(parsed.GetValue(python)),
                };
                string path = parsed.GetValue(output)!;
                SpeedReport report = ProgressLine.Run(
                    (string what) => what,
                    progress => new SpeedBenchmark(options, progress.Report).Run(soFar => soFar.Write(path), token));
                Show(report, options);
                Save(report, path);
                AnsiConsole.WriteLine($"Results: {path}");
                return 0;
            },
            token));
        var memory = new Command("memory", "Measures how much of a GPU one model takes, which standard input describes; what bench's processes do.") { Hidden = true };
        memory.SetAction((_, token) => Task.Run(() => Console.Out.Write(GpuMemory.Read(Console.In.ReadToEnd()).Measure().ToString(CultureInfo.InvariantCulture)), token));
        command.Subcommands.Add(memory);
        return command;
    }

    private static void Show(SpeedReport report, SpeedOptions options)
    {
        AnsiConsole.Write(TerminalTable.From(SpeedTables.Times(report)));
        AnsiConsole.Write(TerminalTable.From(SpeedTables.Ratios(report)));
        if (report.Differences.Count > 0)
            AnsiConsole.Write(TerminalTable.From(SpeedTables.Differences(report)));
        foreach (MatmulCeiling ceiling in report.Ceilings)
            AnsiConsole.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Matrix product, {ceiling.Precision}: {ceiling.FlopsPerSecond / 1e9:0} GFLOP/s ({ceiling.Shape})"));
        foreach (string sentence in report.OnDevice)
            AnsiConsole.WriteLine(sentence);
        if (report.PeerDifference is { } difference)
            AnsiConsole.WriteLine(string.Create(CultureInfo.InvariantCulture, $"PyTorch {report.Peer}: with the same weights its logits differ from the lab's by {difference:0.0e0} at most."));
        else
            AnsiConsole.WriteLine(!options.Peer ? "PyTorch was left out." : options.Python is null ? "No Python with PyTorch was found; its rows are not measured." : "PyTorch was not compared.");
    }

    private static void Save(SpeedReport report, string path)
    {
        string stem = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, Path.GetFileNameWithoutExtension(path));
        AtomicFile.WriteText($"{stem}.md", $"{SpeedTables.Times(report).ToMarkdown()}\n{SpeedTables.Ratios(report).ToMarkdown()}{(report.Differences.Count > 0 ? "\n" + SpeedTables.Differences(report).ToMarkdown() : "")}");
        if (SpeedTables.ShareOfPlain(report) is { } shares)
            AtomicFile.Make($"{stem}.svg", temporary => StaticCharts.Bars(shares).SaveSvg(temporary, 900, 460));
    }
}
