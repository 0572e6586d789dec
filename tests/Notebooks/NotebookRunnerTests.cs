using System.Text.Json.Nodes;
using ZeroI2V.Lab.Notebooks;
using ZeroI2V.Lab.Training;

namespace ZeroI2V.Lab.Tests.Notebooks;

[Collection(WorkingFolder.Name)]
public sealed class NotebookRunnerTests
{
    [Fact]
    public async Task Values_that_are_printed_displayed_and_last_stand_in_their_order()
    {
        using TemporaryNotebook notebook = new TemporaryNotebook()
            .Code("var x = 20;\nConsole.WriteLine(\"before\");\ndisplay(\"shown\");\nConsole.Write(\"af\");\nConsole.Write(\"ter\");\nConsole.Error.WriteLine(\"beside\");\nx + 1")
            .Code("await Task.Delay(1);\nx *= 2;\nx")
            .Code("x.Display();\nx = 0;")
            .Save();

        NotebookRunResult result = await notebook.RunAsync();

        Assert.Null(result.Error);
        Assert.Equal(["stdout: before", "display_data: shown", "stdout: after", "stderr: beside", "execute_result: 21"], notebook.Outputs(1));
        Assert.Equal(["execute_result: 40"], notebook.Outputs(2));
        Assert.Equal(["display_data: 40"], notebook.Outputs(3));
        Assert.Equal([1, 2, 3], notebook.Read().CodeCells.Select(cell => cell.ExecutionCount));
        Assert.Equal(2, (int?)notebook.Read().CodeCells[1].Outputs[0]!["execution_count"]);
    }

    [Fact]
    public async Task A_table_comes_as_html_and_as_plain_text()
    {
        using TemporaryNotebook notebook = new TemporaryNotebook().Code("new[] { new { Name = \"a<b\", Value = 1 }, new { Name = \"c\", Value = 2 } }").Save();

        await notebook.RunAsync();

        JsonObject data = (JsonObject)notebook.Read().CodeCells[0].Outputs[0]!["data"]!;
        string html = string.Concat(data["text/html"]!.AsArray().Select(l => (string?)l));
        Assert.Contains("<table", html, StringComparison.Ordinal);
        Assert.Contains("Name", html, StringComparison.Ordinal);
        Assert.Contains("a&lt;b", html, StringComparison.Ordinal);
        Assert.Contains("a<b", string.Concat(data["text/plain"]!.AsArray().Select(l => (string?)l)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_displayed_value_is_updated_in_its_place_by_a_later_cell_too()
    {
        using TemporaryNotebook notebook = new TemporaryNotebook()
            .Code("var shown = display(\"start\");\nConsole.WriteLine(\"next\");")
            .Code("shown.Update(\"end\");")
            .Save();

        await notebook.RunAsync();

        Assert.Equal(["display_data: end", "stdout: next"], notebook.Outputs(1));
        Assert.Empty(notebook.Outputs(2));
    }

    [Fact]
    public async Task A_compile_error_names_cell_and_line_stays_in_the_file_and_stops_the_run()
    {
        using TemporaryNotebook notebook = new TemporaryNotebook()
            .Markdown("# Title")
            .Code("var x = 1;")
            .Code("// one\n\nvar y = nowhere + x;")
            .Code("x")
            .Save();

        NotebookRunResult result = await notebook.RunAsync();

        Assert.Equal((2, 3, "CS0103"), (result.Error!.Cell, result.Error.Line, result.Error.Name));
        Assert.StartsWith("cell 2, line 3: ", result.Error.Message, StringComparison.Ordinal);
        Assert.Contains("nowhere", result.Error.Message, StringComparison.Ordinal);
        Assert.Equal(2, result.CellsRun);
        Assert.Equal([$"error: {result.Error.Message}"], notebook.Outputs(2));
        Assert.Null(notebook.Read().CodeCells[2].ExecutionCount);
        Assert.Contains(NotebookCheck.Problems(notebook.Path), problem => problem.Contains("cell 2, line 3", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_exception_keeps_what_was_shown_before_it_and_later_cells_do_not_run()
    {
        using TemporaryNotebook notebook = new TemporaryNotebook()
            .Code("int Half(int x)\n{\n    return 2 / x;\n}")
            .Code("Console.WriteLine(\"so far\");\nvar zero = 0;\nHalf(zero)")
            .Code("Console.WriteLine(\"never\");")
            .Save();

        NotebookRunResult result = await notebook.RunAsync();

        Assert.Equal((2, "DivideByZeroException"), (result.Error!.Cell, result.Error.Name));
        string[] outputs = notebook.Outputs(2);
        Assert.Equal("stdout: so far", outputs[0]);
        Assert.StartsWith("error: cell 2", outputs[1], StringComparison.Ordinal);
        Assert.Empty(notebook.Outputs(3));
        Assert.DoesNotContain(result.Error.Traceback, line => line.Contains("Microsoft.CodeAnalysis", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Cells_run_in_the_notebooks_folder_and_the_program_stays_where_it_was()
    {
        using TemporaryNotebook notebook = new TemporaryNotebook().Code("System.IO.File.ReadAllText(\"beside.txt\")").Save();
        await File.WriteAllTextAsync(Path.Combine(notebook.Folder, "beside.txt"), "here", TestContext.Current.CancellationToken);
        string before = Directory.GetCurrentDirectory();

        await notebook.RunAsync();

        Assert.Equal(["execute_result: here"], notebook.Outputs(1));
        Assert.Equal(before, Directory.GetCurrentDirectory());
    }

    [Fact]
    public async Task A_referenced_assembly_that_is_loaded_already_gives_the_same_types()
    {
        string lab = typeof(NotebookFile).Assembly.Location;
        AppContext.SetData("NotebookRunnerTests.Marker", typeof(NotebookFile));
        using TemporaryNotebook notebook = new TemporaryNotebook()
            .Code($"#r \"{lab}\"\nusing ZeroI2V.Lab.Notebooks;\n(Type)AppContext.GetData(\"NotebookRunnerTests.Marker\") == typeof(NotebookFile)")
            .Code("#r \"nuget: ZeroI2V.Lab, 1.0\"\ntypeof(NotebookCell).Name")
            .Save();

        NotebookRunResult result = await notebook.RunAsync();

        Assert.Null(result.Error);
        Assert.Equal(["execute_result: True"], notebook.Outputs(1));
        Assert.Equal(["execute_result: NotebookCell"], notebook.Outputs(2));
    }

    [Fact]
    public async Task A_package_that_the_lab_lacks_is_one_error_that_says_how_to_add_it()
    {
        using TemporaryNotebook notebook = new TemporaryNotebook().Code("var x = 1;\n#r \"nuget: No.Such.Package, 1.2.3\"").Save();

        NotebookRunResult result = await notebook.RunAsync();

        Assert.StartsWith("cell 1, line 2: the package No.Such.Package", result.Error!.Message, StringComparison.Ordinal);
        Assert.Contains("Directory.Packages.props", result.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Html_and_markdown_are_shown_and_other_languages_are_named_and_not_run()
    {
        using TemporaryNotebook notebook = new TemporaryNotebook()
            .Code("#!html\n<b>bold</b>")
            .Code("Console.WriteLine(1);\n#!markdown\n*text*\n#!csharp\nConsole.WriteLine(2);\nthrow new Exception(\"here\");")
            .Save();
        NotebookRunResult result = await notebook.RunAsync();
        Assert.Equal(["display_data: <b>bold</b>"], notebook.Outputs(1));
        Assert.Equal(["stdout: 1", "display_data: *text*", "stdout: 2", "error: " + result.Error!.Message], notebook.Outputs(2));

        using TemporaryNotebook others = new TemporaryNotebook()
            .Code("let x = 1", kernel: "fsharp")
            .Code("#!pwsh\nGet-Date")
            .Code("#!time\n3")
            .Code("#!nonsense")
            .Save();
        result = await others.RunAsync();
        Assert.StartsWith("display_data: F# is not run here", Assert.Single(others.Outputs(1)), StringComparison.Ordinal);
        Assert.StartsWith("display_data: PowerShell is not run here", Assert.Single(others.Outputs(2)), StringComparison.Ordinal);
        Assert.StartsWith("display_data: Wall time: ", others.Outputs(3)[1], StringComparison.Ordinal);
        Assert.StartsWith("cell 4, line 1: #!nonsense is not known here", result.Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Parameters_are_set_after_the_cell_that_declares_them_as_its_types_ask()
    {
        using TemporaryNotebook notebook = new TemporaryNotebook()
            .Code("int Frames = 8;\ndouble Rate = 0.1;\nstring Name = \"a\";\nbool Quick = false;\nint[] Seeds = [0];\nDayOfWeek Day = DayOfWeek.Monday;\nlong? Seed = 7;", tag: "parameters")
            .Code("$\"{Frames + 1} {Rate * 2} {Name.Length} {Quick} {Seeds.Sum()} {Day} {Seed}\"")
            .Save();

        Assert.Null((await notebook.RunAsync()).Error);
        Assert.Equal(["execute_result: 9 0.2 1 False 0 Monday 7"], notebook.Outputs(2));
        Assert.Equal(7, (int?)notebook.Read().Metadata["zeroi2v"]!["seed"]);

        (string, string)[] given = [("Frames", "16"), ("Rate", "1e-1"), ("Name", "\"q\"\\"), ("Quick", "true"), ("Seeds", "1, 2"), ("Day", "sunday"), ("Seed", "5")];
        Assert.Null((await notebook.RunAsync(given)).Error);
        Assert.Contains("injected-parameters", notebook.Read().CodeCells[1].Tags);
        Assert.Equal(["execute_result: 17 0.2 4 True 3 Sunday 5"], notebook.Outputs(3));
        Assert.Equal([1, 2, 3], notebook.Read().CodeCells.Select(cell => cell.ExecutionCount));
        Assert.Equal("16", (string?)notebook.Read().Metadata["zeroi2v"]!["parameters"]!["Frames"]);
        Assert.Contains(NotebookCheck.Problems(notebook.Path), problem => problem.Contains("given from outside", StringComparison.Ordinal));

        // Without them, the notebook is as it was.
        await notebook.RunAsync();
        Assert.Equal(2, notebook.Read().CodeCells.Count);
        Assert.Empty(NotebookCheck.Problems(notebook.Path));
    }

    [Theory]
    [InlineData("Frames", "many", "Frames is of type int, so a whole number was expected")]
    [InlineData("Frmes", "16", "declares no parameter Frmes. It declares Frames (int), Name (string)")]
    public async Task A_parameter_that_does_not_fit_is_an_error_and_the_file_stays(string name, string value, string message)
    {
        using TemporaryNotebook notebook = new TemporaryNotebook().Code("int Frames = 8;\nstring Name = \"\";", tag: "parameters").Save();
        string before = await File.ReadAllTextAsync(notebook.Path, TestContext.Current.CancellationToken);

        var exception = await Assert.ThrowsAsync<NotebookException>(() => notebook.RunAsync((name, value)));

        Assert.Contains(message, exception.Message, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllTextAsync(notebook.Path, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_notebook_without_a_parameters_cell_takes_none()
    {
        using TemporaryNotebook notebook = new TemporaryNotebook().Code("1").Save();
        var exception = await Assert.ThrowsAsync<NotebookException>(() => notebook.RunAsync(("Frames", "1")));
        Assert.Contains("no code cell has the tag \"parameters\"", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_run_does_not_know_stays_and_the_output_may_go_elsewhere()
    {
        using TemporaryNotebook notebook = new TemporaryNotebook().Markdown("# Title\n\ntext").Code("1").Save();
        JsonNode before = JsonNode.Parse(await File.ReadAllTextAsync(notebook.Path, TestContext.Current.CancellationToken))!;
        string output = Path.Combine(notebook.Folder, "out", "executed.ipynb");

        await NotebookRunner.RunAsync(notebook.Path, new NotebookRunOptions { Output = output }, cancellationToken: TestContext.Current.CancellationToken);

        Assert.True(JsonNode.DeepEquals(before, JsonNode.Parse(await File.ReadAllTextAsync(notebook.Path, TestContext.Current.CancellationToken))));
        NotebookFile executed = NotebookFile.Read(output);
        Assert.Equal(42, (int?)executed.Metadata["somebody_elses"]!["answer"]);
        Assert.True(JsonNode.DeepEquals(before["cells"]![0], executed.Cells[0].Json));
        Assert.Equal(["executed.ipynb"], Directory.GetFiles(Path.GetDirectoryName(output)!).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_cancelled_run_marks_the_cell_it_was_in()
    {
        using TemporaryNotebook notebook = new TemporaryNotebook().Code("Console.WriteLine(\"waiting\");").Code("await Task.Delay(60_000);").Code("1").Save();
        using var stop = new CancellationTokenSource();
        var progress = new ImmediateProgress<NotebookProgress>(step =>
        {
            if (step is { Cell: 2, Elapsed: null })
                stop.CancelAfter(50);
        });

        NotebookRunResult result = await NotebookRunner.RunAsync(notebook.Path, new NotebookRunOptions(), progress, stop.Token);

        Assert.Equal("cell 2: interrupted", result.Error!.Message);
        Assert.Equal(["error: cell 2: interrupted"], notebook.Outputs(2));
        Assert.Empty(notebook.Outputs(3));
    }

    [Fact]
    public async Task A_progress_line_is_kept_as_it_stood_last_and_endless_printing_is_cut()
    {
        using TemporaryNotebook notebook = new TemporaryNotebook()
            .Code("for (int i = 1; i <= 3; i++) Console.Write($\"\\r{i} of 3\");\nConsole.WriteLine();")
            .Code("for (int i = 0; i < 30_000; i++) Console.WriteLine(\"0123456789 0123456789 0123456789 0123456789 0123456789\");\nConsole.WriteLine(\"the last line\");")
            .Save();

        Assert.Null((await notebook.RunAsync()).Error);

        Assert.Equal(["stdout: 3 of 3"], notebook.Outputs(1));
        string printed = Assert.Single(notebook.Outputs(2));
        Assert.InRange(printed.Length, 1 << 20, (1 << 20) + 5_000);
        Assert.Contains("… cut: of what a cell prints", printed, StringComparison.Ordinal);
        Assert.EndsWith("the last line", printed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_source_changed_after_its_run_is_found()
    {
        using TemporaryNotebook notebook = new TemporaryNotebook().Code("1").Code("2").Save();
        await notebook.RunAsync();
        Assert.Empty(NotebookCheck.Problems(notebook.Path));

        NotebookFile changed = notebook.Read();
        changed.CodeCells[1].Source = "3";
        changed.Write(notebook.Path);

        Assert.Equal(["Code cell 2 was changed after it ran: its outputs are of another source."], NotebookCheck.Problems(notebook.Path));
    }

    [Fact]
    public async Task A_file_too_large_to_keep_is_found_with_the_cell_that_makes_it_so()
    {
        using TemporaryNotebook notebook = new TemporaryNotebook().Code("1").Code("HTML(new string('x', 1_000_000))").Save();
        await notebook.RunAsync();
        string problem = Assert.Single(NotebookCheck.Problems(notebook.Path));
        Assert.Contains("at most 1,000,000 are kept. The largest output is of code cell 2", problem, StringComparison.Ordinal);
    }
}
