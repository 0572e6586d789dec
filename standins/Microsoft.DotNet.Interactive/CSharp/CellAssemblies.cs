using System.Reflection;
using System.Runtime.Loader;

namespace Microsoft.DotNet.Interactive.CSharp;

/// <summary>
/// Loads compiled submissions. One that declares something stays; any other goes when nothing refers to it any more, so
/// that thousands of small cells do not fill the memory.
/// </summary>
internal sealed class CellAssemblies : IDisposable
{
    private const int BetweenCollections = 250;

    private readonly Dictionary<string, Assembly> _kept = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _files = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _folders = new(StringComparer.Ordinal);
    private readonly Context _lasting;
    private readonly Lock _gate = new();
    private int _passing;

    public CellAssemblies()
    {
        _lasting = new Context(this, isCollectible: false);
        AssemblyLoadContext.Default.Resolving += Resolve;
        AssemblyLoadContext.Default.ResolvingUnmanagedDll += ResolveNative;
    }

    /// <summary>A file that submissions refer to: it, and what lies beside it, is found when their code asks for it.</summary>
    public void Know(string path)
    {
        lock (_gate)
        {
            _files[Path.GetFileNameWithoutExtension(path)] = path;
            if (Path.GetDirectoryName(path) is { } folder)
                _folders.Add(folder);
        }
    }

    public Assembly Load(Stream assembly, Stream symbols, string name, bool keep)
    {
        Context context = keep ? _lasting : new Context(this, isCollectible: true);
        // Code is not counted among the memory that calls the collector: cells of which nothing is left would wait for long.
        if (!keep && ++_passing % BetweenCollections == 0)
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false);
        Assembly loaded = context.LoadFromStream(assembly, symbols);
        if (keep)
        {
            lock (_gate)
                _kept[name] = loaded;
        }

        return loaded;
    }

    public void Dispose()
    {
        AssemblyLoadContext.Default.Resolving -= Resolve;
        AssemblyLoadContext.Default.ResolvingUnmanagedDll -= ResolveNative;
    }

    private Assembly? Own(AssemblyName name)
    {
        lock (_gate)
            return name.Name is { } simple ? _kept.GetValueOrDefault(simple) : null;
    }

    // Asked for what the program itself does not have.
    private Assembly? Resolve(AssemblyLoadContext context, AssemblyName name)
    {
        string? path;
        lock (_gate)
        {
            if (name.Name is not { } simple)
                return null;
            path = _files.GetValueOrDefault(simple) ?? _folders.Select(folder => Path.Combine(folder, simple + ".dll")).FirstOrDefault(File.Exists);
        }

        return path is null ? null : context.LoadFromAssemblyPath(path);
    }

    private nint ResolveNative(Assembly assembly, string name)
    {
        string[] folders;
        lock (_gate)
            folders = [.. _folders];
        string[] names = OperatingSystem.IsWindows() ? [name, name + ".dll"] : OperatingSystem.IsMacOS() ? [name, $"lib{name}.dylib"] : [name, $"lib{name}.so", name + ".so"];
        string? path = folders
            .SelectMany(folder => (string[])[folder, Path.Combine(folder, "..", "..", "runtimes", System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier, "native")])
            .SelectMany(folder => names.Select(file => Path.Combine(folder, file)))
            .FirstOrDefault(File.Exists);
        return path is null ? 0 : System.Runtime.InteropServices.NativeLibrary.Load(path);
    }

    private sealed class Context(CellAssemblies owner, bool isCollectible) : AssemblyLoadContext("cells", isCollectible)
    {
        protected override Assembly? Load(AssemblyName assemblyName) => owner.Own(assemblyName);
    }
}
