using ZeroI2V.Lab.Checkpoints;
using ZeroI2V.Lab.Parity;

namespace ZeroI2V.Lab.Tests.Parity;

public sealed class ParityTests
{
    private static string Asset(string name) => Path.Combine(AppContext.BaseDirectory, "assets", "parity", name);

    [Theory]
    [InlineData("base_open", 3 + 2 + 3)]
    [InlineData("ablation_open", 3 + 2 + 3)]
    [InlineData("clip_open", 1 + 2 + 2)]
    public void The_model_is_equal_to_the_official_code(string name, int comparisons)
    {
        ParityReport report = ParityCheck.Run(Asset(name));
        Assert.All(report.Rows, row => Assert.True(row.Passed, $"{row.What}: {row.Difference} > {row.Tolerance} {row.Note}"));
        Assert.Equal(comparisons, report.Rows.Count);
        // A comparison of something with itself would give zero everywhere.
        Assert.Contains(report.Rows, row => row.Difference > 0);
        Assert.True(report.Passed);
    }

    [Theory]
    [InlineData("base_open", "\"scale\": 0.5", "\"scale\": 0.6")]
    [InlineData("base_open", "\"layer_norm_eps\": 1e-05", "\"layer_norm_eps\": 1e-06")]
    [InlineData("clip_open", "\"layer_norm_eps\": 1e-05", "\"layer_norm_eps\": 1e-03")]
    public void A_wrong_configuration_is_past_the_tolerances(string name, string from, string to)
    {
        using var folder = new TemporaryFolder();
        Copy(name, folder, from, to);
        Assert.False(ParityCheck.Run(folder.Path).Passed);
    }

    [Fact]
    public void Wrong_offsets_are_past_the_tolerances()
    {
        using var folder = new TemporaryFolder();
        Copy("base_open", folder, "-1,\n    1,\n    0,", "1,\n    -1,\n    0,");
        ParityReport report = ParityCheck.Run(folder.Path);
        Assert.True(report.Rows.Single(row => row.What == "backbone_output").Difference > 0.1);
    }

    [Theory]
    [InlineData("\"activation\": \"x*sigmoid(1.702*x)\"", "\"activation\": \"relu(x)\"", "relu")]
    [InlineData("\"unit\": \"whole heads, all tokens\"", "\"unit\": \"class token\"", "class token")]
    [InlineData("\"act\": \"none\"", "\"act\": \"tanh\"", "tanh")]
    [InlineData("\"S_Adapter\":", "\"Q_Adapter\":", "Q_Adapter")]
    [InlineData("\"head_dim\": 8", "\"head_dim\": 9", "head_dim")]
    [InlineData("\"frames\": 8", "\"frames\": \"eight\"", "")]
    [InlineData("\"width\": 96,", "", "width")]
    [InlineData("\"checkpoint.pth\": {", "\"../checkpoint.pth\": {", "../checkpoint.pth")]
    [InlineData("\"bytes\": 1914091", "\"bytes\": 1914090", "1914090")]
    [InlineData("edf951ef", "edf951ee", "SHA-256")]
    [InlineData("{\n \"name\"", "\n \"name\"", "")]
    public void Folders_that_cannot_be_checked_say_why(string from, string to, string expected)
    {
        using var folder = new TemporaryFolder();
        Copy("base_open", folder, from, to);
        ParityException error = Assert.Throws<ParityException>(() => ParityCheck.Run(folder.Path));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.StartsWith(folder.Path, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"layers\": 3", "\"layers\": 4", "transformer.resblocks.3")]
    [InlineData("\"classes\": 5", "\"classes\": 1000000", "fc_cls.weight [5, 96] instead of [1000000, 96]")]
    [InlineData("\"mlp_hidden\": 384", "\"mlp_hidden\": 1000000", "c_fc.weight")]
    [InlineData("\"S_Adapter\": ", "\"S_Adapter\": \"none\", \"was\": ", "")]
    public void A_checkpoint_that_does_not_fit_its_manifest_is_refused(string from, string to, string expected)
    {
        using var folder = new TemporaryFolder();
        Copy("base_open", folder, from, to);
        Exception error = Assert.ThrowsAny<Exception>(() => ParityCheck.Run(folder.Path));
        Assert.True(error is ParityException or CheckpointException);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_or_folder_is_named()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("no such folder", Assert.Throws<ParityException>(() => ParityCheck.Run(folder["none"])).Message, StringComparison.Ordinal);
        Assert.Contains("manifest.json", Assert.Throws<ParityException>(() => ParityCheck.Run(folder.Path)).Message, StringComparison.Ordinal);
        Copy("base_open", folder, "", "");
        File.Delete(folder["io.safetensors"]);
        Assert.Contains("io.safetensors", Assert.Throws<ParityException>(() => ParityCheck.Run(folder.Path)).Message, StringComparison.Ordinal);
    }

    private static void Copy(string name, TemporaryFolder folder, string from, string to)
    {
        foreach (string file in Directory.GetFiles(Asset(name)))
            File.Copy(file, folder[Path.GetFileName(file)]);
        string manifest = File.ReadAllText(folder["manifest.json"]);
        Assert.True(from.Length == 0 || manifest.Contains(from, StringComparison.Ordinal));
        File.WriteAllText(folder["manifest.json"], from.Length == 0 ? manifest : manifest.Replace(from, to, StringComparison.Ordinal));
    }
}
