using ZeroI2V.Lab.Notebooks;

namespace ZeroI2V.Lab.Tests.Notebooks;

/// <summary>The lab's notebooks in real clients, in a copy of the repository in which nothing has been computed yet.</summary>
public sealed class NotebookClientTests
{
    [Fact]
    public async Task Every_notebook_runs_in_its_quick_size_in_nbconvert_and_in_a_browser()
    {
        using JupyterClients clients = await JupyterClients.WithAsync("nbconvert", "notebook");
        string playwright = Path.Combine(RepositoryRoot.Path, "node_modules", "playwright-core");
        JupyterClients.Require(Directory.Exists(playwright), "playwright-core is not here; ./lab test installs it.");
        string lab = CopyOfRepository(clients.Folder);
        string[] notebooks = [.. Directory.GetFiles(Path.Combine(lab, "notebooks"), "*.ipynb").Order(StringComparer.Ordinal)];
        Assert.NotEmpty(notebooks);

        // One by one: each has the time limit to itself.
        foreach (string notebook in notebooks)
            await NbConvertAsync(["--to", "notebook", "--execute", "--ExecutePreprocessor.timeout=300", "--output-dir", "executed", notebook]);
        foreach (string executed in Directory.GetFiles(Path.Combine(lab, "executed")))
        {
            NotebookFile notebook = NotebookFile.Read(executed);
            Assert.Equal(Enumerable.Range(1, notebook.CodeCells.Count), notebook.CodeCells.Select(cell => cell.ExecutionCount ?? 0));
            Assert.DoesNotContain(notebook.CodeCells.SelectMany(cell => cell.Outputs), output => output!["output_type"]!.ToString() == "error");
            // What is kept must be smaller (SavedNotebookTests); noise in the quick size compresses worse.
            Assert.InRange(new FileInfo(executed).Length, 1, 2 * NotebookCheck.MaxBytes);
        }

        // The browser has no network. Pages that lie beside bin/ find the lab's plotly.js there; elsewhere the pictures stay;
        // pages by the lab's template have all in them, wherever they lie.
        string[] run = Directory.GetFiles(Path.Combine(lab, "executed"));
        await NbConvertAsync(["--to", "html", "--output-dir", "pages", .. run]);
        await BrowserAsync("pages", Path.Combine(lab, "pages"));
        string elsewhere = Path.Combine(clients.Folder, "elsewhere", "pages");
        Directory.CreateDirectory(Path.GetDirectoryName(elsewhere)!);
        Directory.Move(Path.Combine(lab, "pages"), elsewhere);
        await BrowserAsync("pictures", elsewhere);
        string whole = Path.Combine(clients.Folder, "whole");
        await NbConvertAsync(["--to", "html", "--template", "zeroi2v", "--output-dir", whole, .. run]);
        await BrowserAsync("pages", whole);
        await BrowserAsync("notebook", lab);

        async Task NbConvertAsync(params string[] arguments)
        {
            (int status, string said) = await clients.RunAsync("/usr/bin/jupyter-nbconvert", arguments, lab);
            Assert.True(status == 0, said);
        }

        async Task BrowserAsync(params string[] arguments)
        {
            (int status, string said) = await clients.RunAsync("node", [JupyterClients.Client("browser.mjs"), .. arguments, Path.Combine(clients.Folder, "shots")], lab);
            Assert.True(status == 0, said);
        }
    }

    /// <summary>What notebooks read, and the built lab; what they write stays in the copy.</summary>
    private static string CopyOfRepository(string folder)
    {
        string copy = Directory.CreateDirectory(Path.Combine(folder, "lab")).FullName;
        foreach (string part in (string[])["notebooks", "figures", "models"])
        {
            foreach (string file in Directory.GetFiles(Path.Combine(RepositoryRoot.Path, part)).Where(file => new FileInfo(file).Length < 16 << 20))
            {
                Directory.CreateDirectory(Path.Combine(copy, part));
                File.Copy(file, Path.Combine(copy, part, Path.GetFileName(file)));
            }
        }

        Directory.CreateSymbolicLink(Path.Combine(copy, "bin"), Path.Combine(RepositoryRoot.Path, "bin"));
        return copy;
    }
}
