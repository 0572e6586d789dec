using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using TorchSharp;
using ZeroI2V.Lab.Backbone;
using ZeroI2V.Lab.Checkpoints;
using ZeroI2V.Lab.Evaluation;
using ZeroI2V.Lab.Files;
using ZeroI2V.Lab.GradCam;
using ZeroI2V.Lab.Reporting;
using ZeroI2V.Lab.VideoData;
using ZeroI2V.Lab.VideoData.MicroWorld;

namespace ZeroI2V.Lab.CommandLine;

/// <summary><c>lab cam CHECKPOINT VIDEO</c>: what a recogniser's heads look at in a video, as pictures, a page to look into, and numbers.</summary>
internal static class CamCommand
{
    internal static Command Create()
    {
        Argument<FileInfo> checkpoint = new("CHECKPOINT") { Description = "A recogniser of the lab (.safetensors), folded or not, or an official checkpoint (.pth)." };
        Argument<FileInfo> video = new("VIDEO") { Description = "Any video file." };
        Option<string[]> target = new("--class") { Description = "Class to explain, by name or number; may be given several times. By default what the model finds likeliest.", AllowMultipleArgumentsPerToken = false, DefaultValueFactory = _ => [] };
        Option<string?> against = new("--against") { Description = "A class that is taken off, such as the time reversal of the first." };
        Option<int?> layer = new("--layer") { Description = "Block of the sheet and the moving picture, from 0; by default the last. The page has all." };
        Option<string?> heads = new("--heads") { Description = "all, spatial, temporal, offset-1 (heads of that Δt) or head3; by default spatial, temporal and all side by side." };
        Option<string> method = new("--method") { Description = $"{string.Join(", ", CamMethod.Every.Select(m => m.Name))}: of the sheet and the moving picture. The page has all.", DefaultValueFactory = _ => CamMethod.GradCam.Name };
        Option<CamPlace> place = new("--place") { Description = "Tensor that the maps are made from.", DefaultValueFactory = _ => CamPlace.HeadValues };
        Option<bool> atQuery = new("--at-query") { Description = "Draws a temporal head's evidence at the frame that asks instead of the one that it looks at." };
        Option<FileInfo?> image = new("--image-model") { Description = "An image model (CLIP, or the lab's) as a row of its own." };
        Option<FileInfo?> classes = new("--classes") { Description = "Names of the classes: a list of clips (.json), or a name a line." };
        Option<int> stride = new("--stride") { Description = "Distance of the frames; 0 spreads them over the whole video.", DefaultValueFactory = _ => 0 };
        Option<double> alpha = new("--alpha") { Description = "How opaque the strongest evidence is, 0 to 1.", DefaultValueFactory = _ => CamOverlay.DefaultAlpha };
        Option<DirectoryInfo> output = new("--out") { Description = "Folder for the files.", DefaultValueFactory = _ => new DirectoryInfo("cam") };
        var checkpointOptions = new CheckpointOptions();
        var command = new Command("cam", "Shows what spatial and temporal heads look at in a video (Grad-CAM).")
        {
            checkpoint, video, target, against, layer, heads, method, place, atQuery, image, classes, stride, alpha, output,
        };
        checkpointOptions.AddTo(command);
        command.SetAction((parsed, token) => Task.Run(
            () =>
            {
                string file = parsed.GetRequiredValue(checkpoint).FullName;
                RequireHead(file);
                using VideoRecognizer model = checkpointOptions.Open(parsed, file, out _);
                using VisionTransformer? imageModel = parsed.GetValue(image) is { } imageFile ? OpenImageModel(imageFile.FullName, model.Options.Backbone) : null;
                model.to(ComputeDevice.Chosen);
                imageModel?.to(ComputeDevice.Chosen);
                IReadOnlyList<string> names = ClassNames(parsed.GetValue(classes)?.FullName, file, model.Options.Classes);
                HeadGroup? only = parsed.GetValue(heads) is { } group ? HeadGroup.Parse(group) : null;
                CamMethod how = CamMethod.Parse(parsed.GetValue(method)!);
                CamPlace from = parsed.GetValue(place);
                if (parsed.GetValue(layer) is { } wanted && (wanted < 0 || wanted >= model.Options.Backbone.Layers))
                    throw new CamException($"There is no layer {wanted}; the model has {model.Options.Backbone.Layers}, 0 to {model.Options.Backbone.Layers - 1}.");
                int last = model.Options.Backbone.Layers - (from.IsAfterAttention() ? 2 : 1);
                only?.In(CamSubject.Of(model).Offsets(Math.Max(parsed.GetValue(layer) ?? last, 0)));

                string path = parsed.GetRequiredValue(video).FullName;
                FrameSampling sampling = Sampling(file, model.Options.Frames, parsed.GetValue(stride));
                CamClip clip = CamClip.Read(path, model.Options.Backbone.Resolution, sampling);
                CamNamedSubject[] subjects = [CamNamedSubject.Of(model, names), .. imageModel is null ? [] : new[] { CamNamedSubject.Feature("image model", CamSubject.FrameByFrame(imageModel)) }];
                CamLook look = CamLook.At(Path.GetFileName(path), clip, Synthetic(path, file), subjects, new CamOptions
                {
                    Methods = [how, .. CamMethod.Every.Where(other => other != how)],
                    Place = from,
                    Layers = [.. Enumerable.Range(0, Math.Max(last + 1, 0)) is var all && parsed.GetValue(layer) > last ? all.Append(parsed.GetValue(layer)!.Value) : all],
                    Scores = Scores(parsed.GetValue(target)!, parsed.GetValue(against), names),
                });
                Save(look, parsed, path, parsed.GetRequiredValue(output).FullName, token);
                return 0;

                void Save(CamLook seen, ParseResult given, string source, string folder, CancellationToken stop)
                {
                    EvidenceFrame frame = given.GetValue(atQuery) ? EvidenceFrame.Query : EvidenceFrame.LookedAt;
                    string name = FigureName(source);
                    var provenance = Provenance.Collect(
                        new { Checkpoint = Path.GetFileName(file), CheckpointSha256 = FileHash.Sha256(file), Video = Path.GetFileName(source), Layer = given.GetValue(layer) ?? last, Method = how.Name, Place = from.ToString(), Frames = clip.FrameNumbers },
                        seeds: [],
                        [new DataSource(Path.GetFileName(source), FileHash.Sha256(source), seen.Synthetic)]);
                    SavedFigure figure = StaticFigure.Save(seen.Sheet(given.GetValue(layer), how, 0, frame, only, given.GetValue(alpha)), folder, name, seen.Title, provenance);
                    CamAnimation.Save(Path.Combine(folder, name + ".mp4"), clip.Frames, seen.Panels(given.GetValue(layer), how, 0, frame, only), alpha: given.GetValue(alpha), cancellationToken: stop);
                    CamAnimation.Save(Path.Combine(folder, name + ".gif"), clip.Frames, seen.Panels(given.GetValue(layer), how, 0, frame, only), side: 144, alpha: given.GetValue(alpha), cancellationToken: stop);
                    AtomicFile.WriteText(Path.Combine(folder, name + ".html"), seen.Viewer().ToHtml());
                    seen.SaveNumbers(Path.Combine(folder, name + ".safetensors"));
                    Print(seen, given.GetValue(layer), how, only, names);
                    AnsiConsole.WriteLine($"Look into it: {Path.Combine(folder, name + ".html")}");
                    AnsiConsole.WriteLine($"Sheet: {figure.Png} (.svg, .pdf); moving: {name}.mp4, {name}.gif; raw numbers: {name}.safetensors");
                }
            },
            token));
        return command;
    }

    private static void Print(CamLook look, int? layer, CamMethod method, HeadGroup? only, IReadOnlyList<string> names)
    {
        AnsiConsole.WriteLine($"The model says: {string.Join(", ", look.Maps.Logits.Index().OrderByDescending(item => item.Item).Take(3).Select(item => string.Create(CultureInfo.InvariantCulture, $"{names[item.Index]} ({item.Item:0.00})")))}");
        IReadOnlyList<CamPanel> panels = look.Panels(layer, method, only: only);
        var rows = panels.Select(panel => (panel, Sums: panel.Map.OverTime())).Select(item => (IReadOnlyList<string>)
            [item.panel.Title, .. item.Sums.Select(sum => item.Sums.Sum() is var all && all > 0 ? (100 * sum / all).ToString("0", CultureInfo.InvariantCulture) : "0")]);
        AnsiConsole.Write(TerminalTable.From(new ResultTable
        {
            Caption = "Which frames matter: share of the evidence, %",
            Synthetic = look.Synthetic,
            Columns = [new("", TextAlignment.Left), .. look.Clip.FrameNumbers.Select(number => new Reporting.TableColumn(number.ToString(CultureInfo.InvariantCulture)))],
            Rows = [.. rows],
        }));
    }

    /// <summary>An image model is no recogniser: it has nothing to explain a class by.</summary>
    private static void RequireHead(string path)
    {
        using WeightSet weights = WeightFile.Read(path);
        if (!weights.Tensors.Keys.Any(name => name.Contains("head.", StringComparison.Ordinal)))
            throw new CamException($"{path}: holds no classification head (cls_head.fc_cls.*), so there is no class to explain. Give a recogniser's checkpoint; an image model can stand beside it as --image-model.");
    }

    private static VisionTransformer OpenImageModel(string path, VitOptions like)
    {
        using WeightSet weights = WeightFile.Read(path);
        VitOptions sizes = VitSizes.Infer(weights, like.Heads);
        if (sizes.Resolution != like.Resolution || sizes.PatchSize != like.PatchSize)
            throw new CamException($"{path}: takes frames of {sizes.Resolution} pixels in patches of {sizes.PatchSize}; the recogniser {like.Resolution} in {like.PatchSize}. Give the image model that it was made from.");
        var model = new VisionTransformer(sizes);
        try
        {
            model.Load(weights);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Names from a file; those of MicroSSv2 where the checkpoint was trained on it; else numbers.</summary>
    private static IReadOnlyList<string> ClassNames(string? list, string checkpoint, int classes)
    {
        IReadOnlyList<string> names = list is null
            ? VideoRunOptions.Of(checkpoint)?.Data.StartsWith("MicroSSv2", StringComparison.Ordinal) == true ? MicroSsv2.Classes : [.. Enumerable.Range(0, classes).Select(c => string.Create(CultureInfo.InvariantCulture, $"class {c}"))]
            : list.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ? ClipList.Load(list).Classes : [.. File.ReadLines(list).Where(line => line.Length > 0)];
        return names.Count == classes
            ? names
            : throw new CamException($"{list ?? "MicroSSv2"} names {names.Count} classes; the model has {classes}. Give the list that it was trained on.");
    }

    private static FrameSampling Sampling(string checkpoint, int frames, int stride) => stride > 0
        ? new FrameSampling { Rule = FrameRule.Strided, Frames = frames, Stride = stride }
        : VideoRunOptions.Of(checkpoint)?.Sampling is { } trained && trained.Frames == frames ? trained : new FrameSampling { Frames = frames };

    private static IReadOnlyList<CamScore> Scores(string[] targets, string? against, IReadOnlyList<string> names)
    {
        if (targets.Length == 0 && against is not null)
            throw new CamException("--against needs a --class to take it off.");
        return targets.Length == 0
            ? [CamScore.Predicted]
            : [.. targets.Select(name => against is null ? CamScore.Of(Number(name)) : CamScore.Difference(Number(name), Number(against)))];

        int Number(string text)
        {
            int named = names.Index().Where(item => item.Item.Equals(text, StringComparison.OrdinalIgnoreCase)).Select(item => item.Index).DefaultIfEmpty(-1).First();
            if (named >= 0)
                return named;
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number < names.Count)
                return number;
            throw new CamException($"There is no class '{text}'; the model has {names.Count}: {string.Join(", ", names.Take(30))}{(names.Count > 30 ? ", …" : "")}.");
        }
    }

    private static bool Synthetic(string video, string checkpoint) =>
        // Clips of the lab's own data sets lie in folders of these names.
        Path.GetFullPath(video).Split(Path.DirectorySeparatorChar).Any(part => part.StartsWith("micro-", StringComparison.Ordinal)) && VideoRunOptions.Of(checkpoint)?.Data.Contains("synthetic", StringComparison.Ordinal) == true;

    private static string FigureName(string video) => "cam-" + string.Concat(Path.GetFileNameWithoutExtension(video).ToLowerInvariant().Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '-'));
}
