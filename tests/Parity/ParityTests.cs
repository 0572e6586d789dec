using ZeroI2V.Lab.Adapters;
using ZeroI2V.Lab.Checkpoints;
using ZeroI2V.Lab.Parity;
using ZeroI2V.Lab.Stdha;

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

    /// <summary>A width of 96, 12 heads: 8 channels a head.</summary>
    public static TheoryData<string, string, HeadSplit> Offsets() => new()
    {
        { "channels, all tokens", List("offset_per_channel", 96, 0, 0, 0, 0, -1, 1), HeadSplit.ChannelRanges(1, 0, 0, 0, 0, -1, 1) },
        { "channels in every head, all tokens", List("offset_per_channel", 8, -1, 1), HeadSplit.ChannelShift(1, -1, 1) },
        { "channels, class token", List("offset_per_channel", 96, -1, -1, 1, 1), HeadSplit.TokenShift(2, -1, 1) },
        { "whole heads, class token", List("offset_per_head", 12, -1, 1), HeadSplit.TokenShift(0, -1, 1) },
        { "whole heads, all tokens", List("offset_per_head", 12, -1, 1) + ", \"border\": \"wrap\"", HeadSplit.Lowest(-1, 1) with { Border = BorderRule.Wrap } },
        { "whole heads, all tokens", List("offset_per_head", 12, -3, 4) + ", \"border\": \"clamp\"", HeadSplit.Lowest(-3, 4) with { Border = BorderRule.Clamp } },
        { "whole heads, all tokens; the query is displaced", List("offset_per_head", 12, 2), HeadSplit.Lowest(2) with { Parts = ShiftedParts.QueriesKeysAndValues } },
    };

    [Theory]
    [MemberData(nameof(Offsets))]
    public void Every_way_to_move_frames_can_be_stated(string unit, string list, HeadSplit expected)
    {
        using var folder = new TemporaryFolder();
        string query = unit.Contains("is displaced", StringComparison.Ordinal) ? "the query is displaced too" : "the query is never displaced";
        string offsets = $"\"frame_offsets\": {{ \"meaning\": \"as told; {query}; outside it keeps its own\", \"unit\": \"{unit}\", {list} }}";
        string manifest = File.ReadAllText(Path.Combine(Asset("base_open"), "manifest.json"));
        int start = manifest.IndexOf("\"frame_offsets\"", StringComparison.Ordinal), end = manifest.IndexOf("\"checkpoint\": {", StringComparison.Ordinal);
        File.WriteAllText(folder["manifest.json"], manifest[..start] + offsets + "}, " + manifest[end..]);
        HeadSplit found = ParityManifest.Read(folder.Path).Recognizer!.Heads;
        Assert.Equal((expected.Span, expected.Tokens, expected.Parts, expected.Border), (found.Span, found.Tokens, found.Parts, found.Border));
        Assert.Equal(expected.ChannelOffsets(0, 12, 96), found.ChannelOffsets(0, 12, 96));
    }

    [Fact]
    public void Separate_adapters_and_gelu_can_be_stated()
    {
        using var folder = new TemporaryFolder();
        string manifest = File.ReadAllText(Path.Combine(Asset("base_open"), "manifest.json"));
        File.WriteAllText(folder["manifest.json"], manifest
            .Replace("\"T_Adapter_in\":", "\"T_Adapter_in_q\": \"queries\", \"T_Adapter_in_k\": \"keys\", \"T_Adapter_in_v\":", StringComparison.Ordinal)
            .Replace("\"act\": \"none\"", "\"act\": \"gelu\"", StringComparison.Ordinal));
        AdapterOptions adapters = ParityManifest.Read(folder.Path).Recognizer!.Adapters!;
        Assert.Equal((true, AdapterPlaces.All, AdapterActivation.Gelu), (adapters.SeparateQueryKeyValue, adapters.Places, adapters.Activation));
        File.WriteAllText(folder["manifest.json"], manifest.Replace("\"T_Adapter_in\":", "\"T_Adapter_in_q\":", StringComparison.Ordinal));
        Assert.Contains("T_Adapter_in_k", Assert.Throws<ParityException>(() => ParityManifest.Read(folder.Path)).Message, StringComparison.Ordinal);
    }

    private static string List(string name, int count, params int[] lowest) =>
        $"\"{name}\": [{string.Join(", ", lowest.Concat(Enumerable.Repeat(0, count - lowest.Length)))}]";

    [Theory]
    [InlineData("\"activation\": \"x*sigmoid(1.702*x)\"", "\"activation\": \"relu(x)\"", "relu")]
    [InlineData("\"unit\": \"whole heads, all tokens\"", "\"unit\": \"rows, all tokens\"", "rows")]
    [InlineData("the query is never displaced", "the query is lost", "is lost")]
    [InlineData("frame t keeps its own key and value", "frame t is left out", "left out")]
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
