using System.Text;
using ZeroI2V.Lab.Notebooks;

namespace ZeroI2V.Lab.Tests.Notebooks;

public sealed class NotebookFileTests
{
    [Theory]
    [InlineData("", "should be JSON")]
    [InlineData("{\"cells\": [", "should be JSON")]
    [InlineData("[]", "expected a JSON object, found a list of 0")]
    [InlineData("null", "expected a JSON object, found nothing")]
    [InlineData("""{"nbformat": 3, "worksheets": []}""", "nbformat should be 4, and is 3")]
    [InlineData("""{"nbformat": "4", "cells": []}""", "nbformat should be 4, and is \"4\"")]
    [InlineData("""{"nbformat": 4, "metadata": {}}""", "expected a list under \"cells\", found nothing")]
    [InlineData("""{"nbformat": 4, "metadata": [], "cells": []}""", "expected an object under \"metadata\"")]
    [InlineData("""{"nbformat": 4, "cells": [7]}""", "cell 1 of 1 is not as nbformat 4 has it: expected a JSON object, found 7")]
    [InlineData("""{"nbformat": 4, "cells": [{"cell_type": "chart", "source": ""}]}""", "expected a \"cell_type\" of code, markdown or raw, found \"chart\"")]
    [InlineData("""{"nbformat": 4, "cells": [{"cell_type": "code", "source": [1]}]}""", "expected a string, or a list of strings, under \"source\"")]
    [InlineData("""{"nbformat": 4, "cells": [{"cell_type": "code", "source": "", "outputs": [1]}]}""", "expected a list of objects under \"outputs\"")]
    [InlineData("""{"nbformat": 4, "cells": [{"cell_type": "code", "source": "", "execution_count": "x"}]}""", "expected an integer or null under \"execution_count\"")]
    [InlineData("""{"nbformat": 4, "cells": [{"cell_type": "raw", "source": "", "id": "a"}, {"cell_type": "raw", "source": "", "id": "a"}]}""", "cell 2 of 2 is not as nbformat 4 has it: expected an \"id\" that no other cell has")]
    [InlineData("""{"nbformat": 4, "cells": [], "cells": []}""", "should be JSON")]
    public void What_is_no_notebook_is_one_error_that_names_the_file(string json, string message)
    {
        var exception = Assert.Throws<NotebookException>(() => NotebookFile.Parse(Encoding.UTF8.GetBytes(json), "bad.ipynb"));
        Assert.StartsWith("bad.ipynb", exception.Message, StringComparison.Ordinal);
        Assert.Contains(message, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_notebook_nested_without_end_is_refused()
    {
        string deep = $$"""{"nbformat": 4, "cells": [], "metadata": {{string.Concat(Enumerable.Repeat("{\"a\":", 100_000))}}1{{new string('}', 100_001)}}""";
        var exception = Assert.Throws<NotebookException>(() => NotebookFile.Parse(Encoding.UTF8.GetBytes(deep), "deep.ipynb"));
        Assert.Contains("at most 64 levels", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_or_too_large_is_refused_unread()
    {
        Assert.Contains("There is no notebook", Assert.Throws<NotebookException>(() => NotebookFile.Read("/nowhere/x.ipynb")).Message, StringComparison.Ordinal);

        using var notebook = new TemporaryNotebook();
        using (FileStream sparse = File.Create(notebook.Path))
            sparse.SetLength(NotebookFile.MaxBytes + 1L);
        Assert.Contains("a notebook may have 67,108,864", Assert.Throws<NotebookException>(() => NotebookFile.Read(notebook.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Unknown_fields_and_the_form_of_numbers_stay_and_older_notebooks_get_cell_identifiers()
    {
        const string Json = """
            {"cells": [{"cell_type": "markdown", "metadata": {"x": 1e3}, "source": ["a\n", "é"], "mine": [true]}], "metadata": {"y": 0.10}, "nbformat": 4, "nbformat_minor": 2, "more": "ü"}
            """;
        NotebookFile notebook = NotebookFile.Parse(Encoding.UTF8.GetBytes(Json), "x.ipynb");

        Assert.Equal("a\né", notebook.Cells[0].Source);
        string written = notebook.ToJson();
        Assert.Equal(
            """
            {
             "cells": [
              {
               "cell_type": "markdown",
               "metadata": {
                "x": 1e3
               },
               "source": [
                "a\n",
                "é"
               ],
               "mine": [
                true
               ],
               "id": "cell"
              }
             ],
             "metadata": {
              "y": 0.10
             },
             "nbformat": 4,
             "nbformat_minor": 5,
             "more": "ü"
            }

            """.ReplaceLineEndings("\n"),
            written);
    }

    [Fact]
    public async Task A_notebook_for_another_kernel_is_refused_by_name()
    {
        using TemporaryNotebook notebook = new TemporaryNotebook().Code("print(1)").Save();
        string json = await File.ReadAllTextAsync(notebook.Path, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(notebook.Path, json.Replace("\"C#\"", "\"python\"", StringComparison.Ordinal).Replace(".net-csharp", "python3", StringComparison.Ordinal), TestContext.Current.CancellationToken);

        var exception = await Assert.ThrowsAsync<NotebookException>(() => notebook.RunAsync());
        Assert.Contains("is a notebook in python (kernel python3)", exception.Message, StringComparison.Ordinal);
    }
}
