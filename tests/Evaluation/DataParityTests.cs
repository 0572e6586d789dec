using System.IO.Compression;
using ZeroI2V.Lab.Evaluation.DataParity;
using ZeroI2V.Lab.Parity;
using ZeroI2V.Lab.VideoData.DataSets;

namespace ZeroI2V.Lab.Tests.Evaluation;

public sealed class DataParityTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public DataParityTests() => ZipFile.ExtractToDirectory(Path.Combine(AppContext.BaseDirectory, "assets", "parity-data", "parity-data.zip"), _folder.Path);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Sampling_geometry_pixels_scores_and_annotations_are_the_official_ones()
    {
        Assert.True(DataParityCheck.Handles(_folder.Path));
        ParityReport report = DataParityCheck.Run(_folder.Path);
        Assert.All(report.Rows, row => Assert.True(row.Passed, $"{row.What}: {row.Note}"));
        Assert.Equal(["annotations_open", "geometry_open", "pixels_open", "sampling_open", "scores_open"], report.Rows.Select(row => row.What.Split(':')[0]).Distinct());
        Assert.Equal(26, report.Rows.Count);
    }

    [Theory]
    [InlineData("sampling_open.json", "\"indices\":[", "\"indices\":[1,")]
    [InlineData("geometry_open.json", "\"box\":[", "\"box\":[9")]
    [InlineData("scores_open.json", "\"top_k\":[0.75", "\"top_k\":[0.5")]
    [InlineData("scores_open.json", "\"higher_class_first\":[0.0,0.1]", "\"higher_class_first\":[0.0,0.2]")]
    [InlineData("annotations_open.json", "zumba/q1w2e3r4t5y_000009_000019.mp4 6", "zumba/q1w2e3r4t5y_000009_000019.mp4 5")]
    public void One_changed_number_is_found(string file, string from, string to)
    {
        string text = File.ReadAllText(_folder[file]);
        int at = text.IndexOf(from, StringComparison.Ordinal);
        Assert.True(at >= 0);
        File.WriteAllText(_folder[file], text[..at] + to + text[(at + from.Length)..]);
        Assert.False(DataParityCheck.Run(_folder.Path).Passed);
    }

    [Fact]
    public void A_changed_byte_of_a_picture_is_found()
    {
        byte[] bytes = File.ReadAllBytes(_folder["pixels_open.safetensors"]);
        bytes[^1] ^= 1;
        File.WriteAllBytes(_folder["pixels_open.safetensors"], bytes);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(_folder["pixels_open.safetensors"], bytes);
        Assert.False(DataParityCheck.Run(_folder.Path).Passed);
    }

    [Fact]
    public void A_damaged_file_is_named()
    {
        File.WriteAllText(_folder["scores_open.json"], "{\"averaging\":[{}]}");
        Assert.Contains("scores_open.json", Assert.Throws<ParityException>(() => DataParityCheck.Run(_folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lists_are_read_with_spaces_in_paths_unless_the_official_loader_is_asked_for()
    {
        Assert.Equal(("my folder/a  b.mp4", 3), Entry("my folder/a  b.mp4 3", new OfficialListForm()));
        Assert.Equal(("a b", 4), Entry("a b\t12 4", new OfficialListForm { FrameFolders = true }));
        Assert.Throws<InvalidDataException>(() => Entry("a b.mp4 3", new OfficialListForm { Official = true }));
        Assert.Throws<InvalidDataException>(() => Entry("a.mp4", new OfficialListForm()));
        Assert.Throws<InvalidDataException>(() => Entry("a.mp4 x", new OfficialListForm()));

        static (string, int) Entry(string line, OfficialListForm form) => OfficialList.Parse(line, form) is { } entry ? (entry.Path, entry.Labels[0]) : default;
    }
}
