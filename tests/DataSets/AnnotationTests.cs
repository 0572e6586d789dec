using System.Text;
using ZeroI2V.Lab.VideoData.DataSets;

namespace ZeroI2V.Lab.Tests.DataSets;

public sealed class AnnotationTests : IDisposable
{
    private const string Header = "label,youtube_id,time_start,time_end,split\n";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private Annotations Read(string key, params (string Name, string Text)[] files)
    {
        foreach ((string name, string text) in files)
            _folder.Write(name, Encoding.UTF8.GetBytes(text));
        return Annotations.Read(DataSetManifest.Find(key), _folder.Path);
    }

    [Fact]
    public void Lines_with_missing_columns_bad_times_and_unknown_labels_are_left_out_and_named()
    {
        Annotations read = Read(
            "kinetics400",
            ("train.csv", Header + "a,id000000001,1,11,train\na,id000000002\na,id000000003,x,11,train\na,../../../etc,1,11,train\na,id000000004,-5,1,train\n"),
            ("val.csv", Header + "b,id000000005,1,11,val\na,id000000001,1,11,val\n"));
        Assert.Equal(["a/id000000001_000001_000011.mp4"], read.Train.Select(video => video.Path));
        Assert.Empty(read.Validation);
        Assert.Equal(
            [("train.csv:3", ProblemKind.MalformedLine), ("train.csv:4", ProblemKind.MalformedLine), ("train.csv:5", ProblemKind.UnsafePath), ("train.csv:6", ProblemKind.MalformedLine),
             ("val.csv:2", ProblemKind.UnknownLabel), ("val.csv:3", ProblemKind.Duplicate)],
            read.Problems.Select(problem => (problem.Where, problem.Kind)));
    }

    [Fact]
    public void A_file_in_another_encoding_is_named_with_the_place()
    {
        _folder.Write("train.csv", [.. Encoding.ASCII.GetBytes(Header), .. "caf"u8, 0xE9, .. ",id000000001,1,11,train\n"u8]);
        var error = Assert.Throws<InvalidDataException>(() => Annotations.Read(DataSetManifest.Find("kinetics400"), _folder.Path));
        Assert.Contains("expected UTF-8", error.Message, StringComparison.Ordinal);
        Assert.Contains("0xE9 at offset 46", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kinetics400", "train.csv", "not a header\n", "expected a first line")]
    [InlineData("kinetics400", "train.csv", "", "the file is empty")]
    [InlineData("ssv2", "labels.json", "{", "not valid JSON")]
    [InlineData("ssv2", "labels.json", """{"a":"0","b":"2"}""", "without a gap")]
    [InlineData("ssv2", "labels.json", """{"a":"x"}""", "class number 'x'")]
    [InlineData("ssv2", "labels.json", "[]", "expected an object")]
    [InlineData("ucf101", "classInd.txt", "1 A\n1 B\n", "each number once")]
    [InlineData("ucf101", "classInd.txt", "2 A\n", "without a gap")]
    [InlineData("hmdb51", "other.txt", "", "a file {class}_test_split1.txt for each class")]
    public void A_file_that_is_not_of_its_form_at_all_is_one_error(string key, string name, string text, string problem) =>
        Assert.Contains(problem, Assert.Throws<InvalidDataException>(() => Read(key, (name, text))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_missing_file_is_answered_with_the_names_that_are_looked_for() => Assert.Contains(
        "called something-something-v2-labels.json or labels.json",
        Assert.Throws<InvalidDataException>(() => Read("ssv2")).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Entries_of_something_something_without_id_or_template_and_with_unknown_templates_are_left_out()
    {
        Annotations read = Read(
            "ssv2",
            ("labels.json", """{"Moving something up":"0"}"""),
            ("train.json", """[{"template":"Moving [something] up"},{"id":"1"},{"id":"2","template":"Eating [something]"},{"id":"../3","template":"Moving [something] up"},{"id":"4","template":"Moving [something] up"},{"id":"4","template":"Moving [something] up"},7]"""),
            ("validation.json", "[]"));
        Assert.Equal(["4.webm"], read.Train.Select(video => video.Path));
        Assert.Equal(
            [ProblemKind.MalformedLine, ProblemKind.MalformedLine, ProblemKind.UnknownLabel, ProblemKind.UnsafePath, ProblemKind.Duplicate, ProblemKind.MalformedLine],
            read.Problems.Select(problem => problem.Kind));
    }

    [Fact]
    public void A_byte_order_mark_and_carriage_returns_do_no_harm()
    {
        Annotations read = Read("kinetics400", ("train.csv", "\uFEFF" + Header.Replace("\n", "\r\n", StringComparison.Ordinal) + "a,id000000001,1,11,train\r\n"), ("val.csv", Header));
        Assert.Single(read.Train);
        Assert.Empty(read.Problems);
    }
}
