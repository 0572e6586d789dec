using ZeroI2V.Lab.Notebooks.Jupyter;

namespace ZeroI2V.Lab.Tests.Notebooks;

/// <summary>What a kernel leaves for the next one; that a real one is told by a real client is tested with jupyter_client.</summary>
public sealed class CrashNoteTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_kernel_that_ended_in_a_cell_is_told_of_once()
    {
        File.WriteAllText(_folder["c.json.note"], "cell 3\nStack overflow.\n   at Deep()\n");
        using CrashNote note = CrashNote.Begin(_folder["c.json"]);
        Assert.Equal(
            "The kernel before this one ended while it ran cell 3; what its cells had set is gone. Its last words:\n  Stack overflow.\n     at Deep()\n",
            note.TakeEarlier());
        Assert.Null(note.TakeEarlier());
    }

    [Theory]
    [InlineData("")]
    [InlineData("a warning between two cells\n")]
    public void One_that_ended_between_cells_is_not(string left)
    {
        File.WriteAllText(_folder["c.json.note"], left);
        using CrashNote note = CrashNote.Begin(_folder["c.json"]);
        Assert.Null(note.Earlier);
    }

    [Fact]
    public void Endless_last_words_are_cut_and_none_are_explained()
    {
        string[] lines = CrashNote.Told("cell 1\n" + string.Concat(Enumerable.Repeat("word\n", 1000)))!.Split('\n');
        Assert.InRange(lines.Length, 20, 30);
        Assert.Equal("  … 976 lines more", lines[^2]);
        Assert.Contains("when the machine's memory runs out", CrashNote.Told("cell 1\n"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_cell_that_ends_leaves_nothing_and_neither_does_a_kernel()
    {
        using (CrashNote note = CrashNote.Begin(_folder["c.json"]))
        {
            note.Begin(7);
            Assert.Equal("cell 7\n", File.ReadAllText(_folder["c.json.note"]));
            note.End();
            Assert.Empty(File.ReadAllText(_folder["c.json.note"]));
        }

        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void Notes_that_no_kernel_will_read_any_more_are_cleared_away()
    {
        File.WriteAllText(_folder["kernel-old.json.note"], "cell 3\n");
        File.WriteAllText(_folder["kernel-other.json"], "{}");
        File.WriteAllText(_folder["kernel-other.json.note"], "cell 4\n");
        using CrashNote note = CrashNote.Begin(_folder["kernel-new.json"]);
        Assert.Equal(["kernel-new.json.note", "kernel-other.json", "kernel-other.json.note"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order());
    }
}
