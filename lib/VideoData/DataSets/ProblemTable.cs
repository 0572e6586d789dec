using ZeroI2V.Lab.Files;

namespace ZeroI2V.Lab.VideoData.DataSets;

/// <summary>Everything that is wrong with a data set, as one CSV file.</summary>
public static class ProblemTable
{
    /// <summary>Name of the file in an import's folder.</summary>
    public const string FileName = "problems.csv";

    /// <summary>Writes the problems, by kind, whole or not at all.</summary>
    public static void Save(IReadOnlyList<DataProblem> problems, string path)
    {
        ArgumentNullException.ThrowIfNull(problems);
        AtomicFile.WriteText(path, "kind,path,where,detail\n" + string.Concat(problems
            .OrderBy(problem => problem.Kind)
            .Select(problem => string.Join(',', new[] { problem.Kind.ToString(), problem.Path, problem.Where, problem.Detail }.Select(Field)) + "\n")));
    }

    private static string Field(string text) =>
        text.AsSpan().IndexOfAny(",\"\n\r") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
