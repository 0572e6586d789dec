using ZeroI2V.Lab.GradCam;
using ZeroI2V.Lab.Parity;

namespace ZeroI2V.Lab.Tests.GradCam;

public sealed class CamParityTests
{
    private static string Asset(string name) => Path.Combine(AppContext.BaseDirectory, "assets", name);

    private static string Shared => Path.GetFullPath(Path.Combine(RepositoryRoot.Path, "..", "shared", "parity-gradcam"));

    [Fact]
    public void Maps_activations_and_gradients_are_those_of_pytorch_grad_cam()
    {
        string folder = Asset("parity-gradcam/base_open");
        Assert.True(CamParity.Handles(folder));
        ParityReport report = CamParity.Run(folder);
        Assert.All(report.Rows, row => Assert.True(row.Passed, $"{row.What}: {row.Difference} > {row.Tolerance} {row.Note}"));
        // Logits; five places with an activation and a gradient a class; 17 targets, three methods, two classes; three scaled maps.
        // Folded: logits, and the maps of the 14 targets at places that folding leaves as they are, with their scaled maps.
        Assert.Equal(1 + 5 + (5 * 2) + (17 * 3 * 2) + 3 + 1 + (14 * 3 * 2) + 3, report.Rows.Count);
        Assert.Contains(report.Rows, row => row.Difference > 0);
    }

    [Fact]
    public void Every_folder_at_hand_is_equal()
    {
        Assert.SkipUnless(Directory.Exists(Shared), $"There are no further folders here ({Shared}).");
        foreach (string folder in Directory.GetDirectories(Shared))
            Assert.All(CamParity.Run(folder).Rows, row => Assert.True(row.Passed, $"{folder}: {row.What}: {row.Difference} > {row.Tolerance} {row.Note}"));
    }

    [Theory]
    [InlineData("\"block\": 2", "\"block\": 1")]
    [InlineData("\"channels\": [0, 8]", "\"channels\": [8, 16]")]
    [InlineData("\"place\": \"ln_1\"", "\"place\": \"attention_input\"")]
    [InlineData("\"target_classes\": [0, 2]", "\"target_classes\": [0]")]
    public void A_folder_that_says_something_else_is_past_the_tolerances(string from, string to)
    {
        using TemporaryFolder root = Copy(from, to);
        Assert.False(CamParity.Run(root["maps/base_open"]).Passed);
    }

    [Theory]
    [InlineData("\"hirescam\": \"raw", "\"scorecam\": \"raw", "scorecam")]
    [InlineData("\"head_value\": {", "\"head_key\": {", "head_key")]
    [InlineData("\"channels\": [0, 96]", "\"channels\": [96, 0]", "[96, 0]")]
    [InlineData("\"target_classes\"", "\"targets_of\"", "target_classes")]
    [InlineData("\"vectors\": \"base_open\"", "\"vectors\": \"../base_open\"", "../base_open")]
    [InlineData("\"vectors\": \"base_open\"", "\"vectors\": \"other\"", "'other'")]
    [InlineData("edf951ef", "edf951ee", "edf951ee")]
    [InlineData("\"bytes\": 2175392", "\"bytes\": 2175391", "2175391")]
    public void Folders_that_cannot_be_checked_say_why(string from, string to, string expected)
    {
        using TemporaryFolder root = Copy(from, to);
        ParityException error = Assert.Throws<ParityException>(() => CamParity.Run(root["maps/base_open"]));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_class_that_the_model_lacks_is_named()
    {
        using TemporaryFolder root = Copy("\"target_classes\": [0, 2]", "\"target_classes\": [0, 99]");
        Assert.Contains("no class 99", Assert.Throws<CamException>(() => CamParity.Run(root["maps/base_open"])).Message, StringComparison.Ordinal);
    }

    private static TemporaryFolder Copy(string from, string to)
    {
        var root = new TemporaryFolder();
        foreach ((string source, string target) in (ReadOnlySpan<(string, string)>)[("parity/base_open", "parity/base_open"), ("parity-gradcam/base_open", "maps/base_open")])
        {
            Directory.CreateDirectory(root[target]);
            foreach (string file in Directory.GetFiles(Asset(source)))
                File.Copy(file, Path.Combine(root[target], Path.GetFileName(file)));
        }
        string path = root["maps/base_open/manifest.json"], manifest = File.ReadAllText(path);
        Assert.Contains(from, manifest, StringComparison.Ordinal);
        int at = manifest.IndexOf(from, StringComparison.Ordinal);
        File.WriteAllText(path, string.Concat(manifest.AsSpan(0, at), to, manifest.AsSpan(at + from.Length)));
        return root;
    }
}
