using System.Diagnostics;
using System.Text.Json.Nodes;
using ZeroI2V.Lab.Notebooks;

namespace ZeroI2V.Lab.Tests.Notebooks;

/// <summary><c>lab notebook</c> as it is typed.</summary>
public sealed class NotebookCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public NotebookCommandTests() => Directory.CreateDirectory(_folder["notebooks"]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task All_run_with_their_outputs_elsewhere_and_then_in_their_place_where_they_are_sound()
    {
        Add("01-first.ipynb", new TemporaryNotebook().Code("int Frames = 8;\nint Seed = 3;", tag: "parameters").Code("Frames * 2"));
        Add("02-second.ipynb", new TemporaryNotebook().Code("int Frames = 1;", tag: "parameters").Code("Frames"));
        string before = await File.ReadAllTextAsync(_folder["notebooks/01-first.ipynb"], TestContext.Current.CancellationToken);

        (int status, string said) = await LabAsync("notebook", "run", "--all", "--set", "Frames=16", "--out", "executed");

        Assert.True(status == 0, said);
        Assert.Equal(before, await File.ReadAllTextAsync(_folder["notebooks/01-first.ipynb"], TestContext.Current.CancellationToken));
        NotebookFile executed = NotebookFile.Read(_folder["executed/01-first.ipynb"]);
        Assert.Equal("32", executed.CodeCells[^1].Outputs[0]!["data"]!["text/plain"]![0]!.ToString());
        JsonNode run = executed.Metadata[NotebookRunner.MetadataName]!;
        Assert.InRange(DateTime.Parse((string)run["executed"]!, System.Globalization.CultureInfo.InvariantCulture), DateTime.Now.AddMinutes(-10), DateTime.Now.AddMinutes(1));
        Assert.Equal((3, "16"), ((int)run["seed"]!, (string?)run["parameters"]!["Frames"]));
        Assert.True(File.Exists(_folder["executed/02-second.ipynb"]));

        (status, said) = await LabAsync("notebook", "run", "2");
        Assert.True(status == 0, said);
        (status, said) = await LabAsync("notebook", "check", "02");
        Assert.Equal((0, "notebooks/02-second.ipynb: sound"), (status, said.Trim()));
        (status, said) = await LabAsync("notebook", "check");
        Assert.Equal(1, status);
        Assert.Contains("The lab has not run this notebook", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failing_cell_ends_the_run_with_its_place_and_a_status()
    {
        Add("01-fails.ipynb", new TemporaryNotebook().Code("var x = 1;").Code("\nthrow new InvalidOperationException(\"made\");"));
        Add("02-never.ipynb", new TemporaryNotebook().Code("1"));

        (int status, string said) = await LabAsync("notebook", "run", "--all");

        Assert.Equal(1, status);
        Assert.Contains("notebooks/01-fails.ipynb: cell 2, line 2: made", said, StringComparison.Ordinal);
        Assert.Equal("error", (string?)NotebookFile.Read(_folder["notebooks/01-fails.ipynb"]).CodeCells[1].Outputs[0]!["output_type"]);
        Assert.Null(NotebookFile.Read(_folder["notebooks/02-never.ipynb"]).CodeCells[0].ExecutionCount);
    }

    [Theory]
    [InlineData("There is no notebook 07 in", "notebook", "run", "07")]
    [InlineData("Which notebook? Give a number or a file, or --all.", "notebook", "run")]
    [InlineData("--set Frames: expected Name=value", "notebook", "run", "01", "--set", "Frames")]
    [InlineData("declares no parameter Frmes. It declares Frames (int)", "notebook", "run", "01", "--set", "Frmes=2")]
    [InlineData("There is no notebook nowhere.ipynb", "notebook", "check", "nowhere.ipynb")]
    public async Task What_cannot_be_done_is_one_line(string message, params string[] arguments)
    {
        Add("01-first.ipynb", new TemporaryNotebook().Code("int Frames = 8;", tag: "parameters"));

        (int status, string said) = await LabAsync(arguments);

        Assert.Equal(1, status);
        Assert.Contains(message, said, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", said, StringComparison.Ordinal);
    }

    private void Add(string name, TemporaryNotebook notebook)
    {
        using (notebook)
            File.Copy(notebook.Save().Path, _folder[$"notebooks/{name}"]);
    }

    private async Task<(int Status, string Said)> LabAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(RepositoryRoot.Path, "bin", "lab", "ZeroI2V.Lab.dll"), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _folder.Path };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output + await errors);
    }
}
