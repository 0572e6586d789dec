namespace ZeroI2V.Lab.Reporting;

/// <summary>Where plotly.js is: the npm package <c>plotly.js-dist-min</c>, copied beside the program by the build.</summary>
public static class PlotlyLibrary
{
    /// <summary>The file that the build copies.</summary>
    public const string FileName = "plotly.min.js";

    /// <summary>The file, beside the program or in the repository's <c>node_modules</c>; null where it is missing.</summary>
    /// <returns>The absolute path.</returns>
    public static string? Find()
    {
        string beside = Path.Combine(Path.GetDirectoryName(typeof(PlotlyLibrary).Assembly.Location) ?? AppContext.BaseDirectory, FileName);
        if (File.Exists(beside))
            return beside;
        // A build before `npm install` copied nothing; the package may have come since.
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string module = Path.Combine(folder.FullName, "node_modules", "plotly.js-dist-min", FileName);
            if (File.Exists(module))
                return module;
        }
        return null;
    }

    /// <summary>The file.</summary>
    /// <returns>The absolute path.</returns>
    /// <exception cref="FileNotFoundException">It is missing; the message says how to get it.</exception>
    public static string Require() => Find()
        ?? throw new FileNotFoundException($"Charts need plotly.js; expected {FileName} beside the program or in node_modules. Run 'npm install' in the repository (./lab setup does) and build again.", FileName);
}
