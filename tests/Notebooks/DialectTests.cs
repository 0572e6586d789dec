using System.IO.Compression;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using ZeroI2V.Lab.Notebooks;
using ZeroI2V.Lab.VideoData.MicroWorld;

namespace ZeroI2V.Lab.Tests.Notebooks;

[Collection(WorkingFolder.Name)]
public sealed class DialectTests
{
    [Fact]
    public async Task Import_runs_a_script_and_the_code_cells_of_a_notebook()
    {
        using TemporaryNotebook notebook = new TemporaryNotebook()
            .Code("#!import \"more.csx\"\n#!import other.ipynb\nTwice(x) + y")
            .Save();
        using TemporaryNotebook other = new TemporaryNotebook().Markdown("# not run").Code("var y = Twice(1);").Code("#!html\n<i>shown</i>").Save();
        await File.WriteAllTextAsync(Path.Combine(notebook.Folder, "more.csx"), "int Twice(int n) => 2 * n;\nvar x = 20;", TestContext.Current.CancellationToken);
        File.Copy(other.Path, Path.Combine(notebook.Folder, "other.ipynb"));

        Assert.Null((await notebook.RunAsync()).Error);

        Assert.Equal(["display_data: <i>shown</i>", "execute_result: 42"], notebook.Outputs(1));
    }

    [Theory]
    [InlineData("nowhere.csx", "there is no file")]
    [InlineData("text.txt", "expected a file .cs, .csx or .ipynb")]
    [InlineData("itself.csx", "the file imports itself")]
    [InlineData("broken.ipynb", "should be JSON")]
    public async Task An_import_that_cannot_be_is_one_error(string path, string message)
    {
        using TemporaryNotebook notebook = new TemporaryNotebook().Code($"var before = 1;\n#!import {path}").Save();
        await File.WriteAllTextAsync(Path.Combine(notebook.Folder, "text.txt"), "", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(notebook.Folder, "broken.ipynb"), "{", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(notebook.Folder, "itself.csx"), "#!import itself.csx", TestContext.Current.CancellationToken);

        NotebookRunResult result = await notebook.RunAsync();

        Assert.StartsWith("cell 1, line 2: #!import", result.Error!.Message, StringComparison.Ordinal);
        Assert.Contains(message, result.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_package_is_restored_from_the_feeds_that_are_configured()
    {
        using TemporaryNotebook notebook = new TemporaryNotebook()
            .Code("#r \"nuget: Lab.Test.Package, 1.2.3\"\n\nusing Lab.Test;\nAnswer.Value")
            .Code("#r \"nuget: Lab.Test.Missing, 9.9.9\"")
            .Save();
        WriteFeed(notebook.Folder);

        NotebookRunResult result = await notebook.RunAsync();

        Assert.Equal(["execute_result: 42"], notebook.Outputs(1));
        Assert.StartsWith("cell 2, line 1: the package Lab.Test.Missing could not be restored: NU1101", result.Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_the_csharp_of_a_cell_is_left_and_every_letter_of_it_where_it_was()
    {
        const string Cell = "#!time\nvar x = 1;\n#!html\n<b>\n#!csharp\nx.";
        string code = CellSource.CSharpOnly(Cell);
        Assert.Equal(Cell.Length, code.Length);
        Assert.Equal("      \nvar x = 1;\n      \n   \n        \nx.", code);
    }

    [Fact]
    public void The_size_of_a_notebook_is_asked_of_the_environment_and_checked()
    {
        string? before = Environment.GetEnvironmentVariable(RunSize.Variable);
        try
        {
            Environment.SetEnvironmentVariable(RunSize.Variable, null);
            Assert.Equal(MicroSize.Small, RunSize.Or(MicroSize.Small));
            Environment.SetEnvironmentVariable(RunSize.Variable, "quick");
            Assert.Equal(MicroSize.Quick, RunSize.Or(MicroSize.Small));
            Environment.SetEnvironmentVariable(RunSize.Variable, "0");
            Assert.Contains("LAB_SIZE is '0'; expected quick", Assert.Throws<NotebookException>(() => RunSize.Or(MicroSize.Small)).Message, StringComparison.Ordinal);
        }
        finally
        {
            Environment.SetEnvironmentVariable(RunSize.Variable, before);
        }
    }

    /// <summary>A feed in a folder, with one package in it, and a nuget.config that names this feed and no other.</summary>
    private static void WriteFeed(string folder)
    {
        var compilation = CSharpCompilation.Create(
            "Lab.Test.Package",
            [CSharpSyntaxTree.ParseText("namespace Lab.Test; public static class Answer { public static int Value => 42; }")],
            [MetadataReference.CreateFromFile(typeof(object).Assembly.Location)],
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        string feed = Directory.CreateDirectory(Path.Combine(folder, "feed")).FullName;
        using (ZipArchive package = ZipFile.Open(Path.Combine(feed, "Lab.Test.Package.1.2.3.nupkg"), ZipArchiveMode.Create))
        {
            using (Stream assembly = package.CreateEntry("lib/net10.0/Lab.Test.Package.dll").Open())
                Assert.True(compilation.Emit(assembly).Success);
            using var about = new StreamWriter(package.CreateEntry("Lab.Test.Package.nuspec").Open(), Encoding.UTF8);
            about.Write("""
                <?xml version="1.0" encoding="utf-8"?>
                <package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd">
                  <metadata><id>Lab.Test.Package</id><version>1.2.3</version><authors>lab</authors><description>test</description></metadata>
                </package>
                """);
        }

        File.WriteAllText(Path.Combine(folder, "nuget.config"), $"""
            <configuration>
              <config><add key="globalPackagesFolder" value="{folder}/packages" /></config>
              <packageSources><clear /><add key="test" value="{feed}" /></packageSources>
            </configuration>
            """);
    }
}
