using ZeroI2V.Lab.VideoData;

namespace ZeroI2V.Lab.Tests.VideoData;

public sealed class ClipListTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lab-list-").FullName;

    private string File => Path.Combine(_folder, "sub", "train.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static ClipList Example() => new()
    {
        Name = "made up, train",
        Synthetic = true,
        Classes = ["left", "right", "still"],
        ClassGroups = ["directional", "directional", ""],
        ReversedClass = [1, 0, -1],
        Clips =
        [
            new ClipRecord { Path = "left/a b (1)'#.mp4", Label = 0, Frames = 16, Sha256 = new string('0', 64) },
            new ClipRecord { Path = "still/c.mp4", Label = 2, Frames = 3 },
        ],
    };

    [Fact]
    public void A_list_comes_back_as_it_was_written()
    {
        Example().Save(File);
        ClipList read = ClipList.Load(File);
        Assert.Equal(Path.GetDirectoryName(File), read.Root);
        Assert.Equal(("made up, train", true), (read.Name, read.Synthetic));
        Assert.Equal(Example().Classes, read.Classes);
        Assert.Equal(Example().ClassGroups, read.ClassGroups);
        Assert.Equal(Example().ReversedClass, read.ReversedClass);
        Assert.Equal(Example().Clips, read.Clips);
        Assert.Equal(Path.Combine(_folder, "sub", "still/c.mp4"), read.FullPath(read.Clips[1]));
        Assert.Equal([File], Directory.GetFiles(Path.GetDirectoryName(File)!));
    }

    [Fact]
    public void The_root_is_no_part_of_the_file_and_can_be_another()
    {
        (Example() with { Root = "/secret/place" }).Save(File);
        Assert.DoesNotContain("secret", System.IO.File.ReadAllText(File), StringComparison.Ordinal);
        Assert.Equal("/videos", ClipList.Load(File, root: "/videos").Root);
    }

    [Theory]
    [InlineData("\"synthetic\"", "\"sintetic\"", "sintetic")]
    [InlineData("\"frames\": 3", "\"frames\": 3, \"fps\": 25", "fps")]
    [InlineData("\"frames\": 3", "\"frames\": 3, \"frames\": 4", "frames")]
    [InlineData("\"frames\": 3", "\"frames\": 0", "at least 1")]
    [InlineData("\"frames\": 3", "\"frames\": \"many\"", "frames")]
    [InlineData("\"label\": 2", "\"label\": 3", "label 3; expected 0 to 2")]
    [InlineData("\"label\": 2,", "", "label")]
    [InlineData("still/c.mp4", "../c.mp4", "'../c.mp4'")]
    [InlineData("still/c.mp4", "/etc/passwd", "'/etc/passwd'")]
    [InlineData("still/c.mp4", "a/./b.mp4", "'a/./b.mp4'")]
    [InlineData("still/c.mp4", "left/a b (1)'#.mp4", "twice")]
    [InlineData("\"right\"", "\"left\"", "same name")]
    [InlineData("\"right\"", "null", "null")]
    [InlineData("000\"", "00g\"", "hexadecimal")]
    [InlineData("\"name\": \"made up, train\"", "\"name\": \"\"", "name is empty")]
    [InlineData("}\n", "", "")]
    public void A_list_with_a_fault_is_refused_and_the_fault_named(string there, string instead, string named)
    {
        Example().Save(File);
        string text = System.IO.File.ReadAllText(File);
        Assert.Contains(there, text, StringComparison.Ordinal);
        int at = text.LastIndexOf(there, StringComparison.Ordinal);
        System.IO.File.WriteAllText(File, text[..at] + instead + text[(at + there.Length)..]);
        var refused = Assert.Throws<InvalidDataException>(() => ClipList.Load(File));
        Assert.Contains(File, refused.Message, StringComparison.Ordinal);
        Assert.Contains(named, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Classes_that_are_each_others_reverse_must_say_so_both()
    {
        ClipList oneSided = Example() with { ReversedClass = [1, -1, -1] };
        var refused = Assert.Throws<InvalidDataException>(oneSided.Validate);
        Assert.Contains("reversedClass[0] is 1", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_invalid_list_is_not_written()
    {
        Assert.Throws<InvalidDataException>(() => (Example() with { ClassGroups = [] }).Save(File));
        Assert.False(System.IO.File.Exists(File));
    }
}
