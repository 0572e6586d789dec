using System.Text.Json.Nodes;
using ZeroI2V.Lab.Notebooks;
using ZeroI2V.Lab.Notebooks.Jupyter;

namespace ZeroI2V.Lab.Tests.Notebooks;

/// <summary>The house rules for the notebooks of this repository.</summary>
public sealed class SavedNotebookTests
{
    public static TheoryData<string> Saved => [.. Directory.GetFiles(Path.Combine(RepositoryRoot.Path, "notebooks"), "*.ipynb").Select(path => Path.GetFileName(path)).Order()];

    [Theory]
    [MemberData(nameof(Saved))]
    public void It_begins_with_its_question_has_short_cells_and_defines_no_types(string name)
    {
        NotebookFile notebook = NotebookFile.Read(Path.Combine(RepositoryRoot.Path, "notebooks", name));
        Assert.False(notebook.Cells[0].IsCode);
        foreach (string word in (string[])["**Question.**", "**Expected**", "**Minutes**", "**Data**"])
            Assert.Contains(word, notebook.Cells[0].Source, StringComparison.Ordinal);
        Assert.All(notebook.CodeCells, cell => Assert.InRange(cell.Source.Split('\n').Length, 1, 15));
        Assert.All(notebook.CodeCells, cell => Assert.DoesNotMatch(@"\b(class|record|struct|enum|interface)\s+\w+\s*[({:]", cell.Source));
        Assert.Contains(notebook.CodeCells, cell => cell.Tags.Contains("parameters"));
    }

    [Theory]
    [MemberData(nameof(Saved))]
    public void It_names_the_kernel_that_is_installed(string name)
    {
        // By these clients find the kernel without asking: VS Code's Jupyter extension by name and language, Jupyter by name.
        JsonObject kernel = KernelSpec.Json();
        var spec = (JsonObject)NotebookFile.Read(Path.Combine(RepositoryRoot.Path, "notebooks", name)).Metadata["kernelspec"]!;
        Assert.Equal((KernelReplies.KernelName, (string?)kernel["display_name"], (string?)kernel["language"]), ((string?)spec["name"], (string?)spec["display_name"], (string?)spec["language"]));
    }

    [Theory]
    [MemberData(nameof(Saved))]
    public void Its_outputs_are_those_of_its_source(string name)
    {
        string path = Path.Combine(RepositoryRoot.Path, "notebooks", name);
        Assert.SkipWhen(NotebookFile.Read(path).Metadata[NotebookRunner.MetadataName] is null, $"{name} has not been run: ./lab notebook run {name[..2]}");
        Assert.Empty(NotebookCheck.Problems(path));
    }
}
