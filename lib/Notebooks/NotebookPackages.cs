using System.Reflection;

namespace ZeroI2V.Lab.Notebooks;

/// <summary>
/// <c>#r "nuget: Name, Version"</c>: the assembly of that name which the lab was built with. Whether it is the package or
/// its stand-in is the build's choice, so that a cell sees the types that the lab itself uses, whatever version it names.
/// </summary>
internal static class NotebookPackages
{
    /// <summary>The file of the package's assembly.</summary>
    /// <exception cref="CellSourceException">The lab was not built with that package.</exception>
    public static string Locate(string package, int line)
    {
        // TorchSharp comes in packages named for what they run on; all bring TorchSharp.dll.
        string name = package.StartsWith("TorchSharp-", StringComparison.OrdinalIgnoreCase) ? "TorchSharp" : package;
        Assembly? loaded = AppDomain.CurrentDomain.GetAssemblies()
            .FirstOrDefault(a => !a.IsDynamic && a.Location.Length > 0 && string.Equals(a.GetName().Name, name, StringComparison.OrdinalIgnoreCase));
        if (loaded is not null)
            return loaded.Location;

        string file = Path.Combine(AppContext.BaseDirectory, name + ".dll");
        // A name is looked up in this one folder: it is no path.
        if (name.AsSpan().IndexOfAny('/', '\\') < 0 && File.Exists(file))
            return file;
        throw new CellSourceException(
            line,
            $"the package {package} is not among those that the lab was built with. Add <PackageReference Include=\"{package}\" /> to ZeroI2V.Lab.csproj and its version to Directory.Packages.props, run ./lab setup (it says so if your feed lacks the package), and this line will find it.");
    }
}
