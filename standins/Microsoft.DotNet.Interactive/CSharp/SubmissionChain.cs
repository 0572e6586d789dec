using System.Collections.Immutable;
using System.Reflection;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Emit;
using Microsoft.CodeAnalysis.Scripting;
using Microsoft.CodeAnalysis.Text;

namespace Microsoft.DotNet.Interactive.CSharp;

/// <summary>A submission that can be run.</summary>
/// <param name="Compilation">What the compiler knows of it.</param>
/// <param name="Start">Runs it on the objects of the submissions before it; null where there is no code.</param>
/// <param name="HasValue">Whether it ends in an expression that has a value.</param>
/// <param name="Declares">Whether later submissions may refer to something in it.</param>
/// <param name="Warnings">What the compiler said of it.</param>
internal sealed record CompiledSubmission(
    CSharpCompilation Compilation,
    Func<object?[], Task<object>>? Start,
    bool HasValue,
    bool Declares,
    ImmutableArray<CodeAnalysis.Diagnostic> Warnings);

/// <summary>
/// Submissions one after another, each of which sees what those before it declared: as Roslyn's scripting does it, with
/// three differences that long sessions need. References are resolved once, submissions that declare nothing are
/// forgotten, and one that was interrupted keeps the variables that it had set.
/// </summary>
internal sealed class SubmissionChain : IDisposable
{
    private static readonly CSharpParseOptions ParseOptions = new(LanguageVersion.Latest, kind: SourceCodeKind.Script);
    private static readonly UTF8Encoding Encoding = new(encoderShouldEmitUTF8Identifier: false);

    // By it a stack trace tells the line; the compiler asks for an encoding of what it is made from.
    private static readonly EmitOptions Emission = new(debugInformationFormat: DebugInformationFormat.PortablePdb);

    private readonly CellAssemblies _assemblies = new();
    private readonly string _id = Guid.NewGuid().ToString("N");
    private readonly List<string> _imports = ["System", "System.Text", "System.Collections", "System.Collections.Generic", "System.Threading.Tasks", "System.Linq"];
    private readonly List<MetadataReference> _references = [];
    private MetadataReferenceResolver _resolver = new CachingMetadataResolver(ScriptMetadataResolver.Default);
    private SourceReferenceResolver _sources = new SourceFileResolver([], null);
    private string? _folder;
    private CSharpCompilation? _last;
    private object?[] _states = [null];
    private int _number;

    public SubmissionChain(IEnumerable<Assembly> references)
    {
        foreach (MetadataReference reference in ScriptOptions.Default.MetadataReferences)
            _references.AddRange(reference is UnresolvedMetadataReference named ? _resolver.ResolveReference(named.Reference, null, named.Properties) : [reference]);
        AddReferences(references.Append(typeof(CellCheckpoints.Checkpoint).Assembly).Select(assembly => assembly.Location));
    }

    /// <summary>The last submission that later ones see; null before the first.</summary>
    public CSharpCompilation? Last => _last;

    /// <summary>What submissions have declared: the latest of each name.</summary>
    public IEnumerable<(string Name, FieldInfo Field, object Submission)> Variables => _states
        .Reverse().OfType<object>()
        .SelectMany(state => state.GetType().GetFields(BindingFlags.Instance | BindingFlags.Public).Where(f => !f.Name.StartsWith('<')).Select(f => (f.Name, f, state)))
        .DistinctBy(variable => variable.Name);

    public void AddImport(string import) => _imports.Add(import);

    public void AddReferences(IEnumerable<string> paths) => _references.AddRange(paths.Select(path => MetadataReference.CreateFromFile(path)));

    /// <summary>What the compiler knows of a submission in the state as it is.</summary>
    public (CSharpCompilation Compilation, SyntaxTree Tree) Look(string code) => Look(CSharpSyntaxTree.ParseText(SourceText.From(code, Encoding), ParseOptions));

    /// <summary>Compiles and loads a submission.</summary>
    /// <exception cref="CompilationErrorException">It does not compile.</exception>
    public CompiledSubmission Compile(string code, CancellationToken cancellationToken)
    {
        _number++;
        (CSharpCompilation compilation, SyntaxTree tree) = Look(code);
        CompilationUnitSyntax root = tree.GetCompilationUnitRoot(cancellationToken);
        bool declares = root.Usings.Count > 0 || root.Externs.Count > 0 || root.GetReferenceDirectives().Count > 0 || root.GetLoadDirectives().Count > 0
            || compilation.ScriptClass!.GetMembers().Any(member => !member.IsImplicitlyDeclared);
        if (!compilation.SyntaxTrees.Any(t => t.GetCompilationUnitRoot(cancellationToken).Members.Count > 0))
        {
            ImmutableArray<CodeAnalysis.Diagnostic> said = compilation.GetDiagnostics(cancellationToken);
            ThrowIfErrors(said);
            Know(compilation);
            return new CompiledSubmission(compilation, null, HasValue: false, declares, said);
        }

        using var assembly = new MemoryStream();
        using var symbols = new MemoryStream();
        SyntaxNode guarded = new CheckpointRewriter().Visit(root);
        (CSharpCompilation emitted, _) = ReferenceEquals(guarded, root) ? (compilation, tree) : Look(CSharpSyntaxTree.ParseText(SourceText.From(guarded.ToFullString(), Encoding), ParseOptions, cancellationToken: cancellationToken));
        EmitResult result = emitted.Emit(assembly, symbols, options: Emission, cancellationToken: cancellationToken);
        if (!result.Success && !ReferenceEquals(emitted, compilation))
        {
            // Its errors are told as they are in what the user wrote.
            assembly.SetLength(0);
            symbols.SetLength(0);
            emitted = compilation;
            result = emitted.Emit(assembly, symbols, options: Emission, cancellationToken: cancellationToken);
        }

        ThrowIfErrors(result.Diagnostics);
        Know(emitted);
        assembly.Position = symbols.Position = 0;
        Assembly loaded = _assemblies.Load(assembly, symbols, emitted.AssemblyName!, declares);
        IMethodSymbol entry = emitted.GetEntryPoint(cancellationToken)!;
        MethodInfo start = loaded.GetType(entry.ContainingType.MetadataName, throwOnError: true)!
            .GetMethod(entry.MetadataName, BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)!;
        return new CompiledSubmission(emitted, start.CreateDelegate<Func<object?[], Task<object>>>(), HasValueAtEnd(compilation, root, cancellationToken), declares, result.Diagnostics);
    }

    /// <summary>The objects of the submissions so far, and a place for the next one, which puts itself there first of all.</summary>
    public object?[] NewStates() => [.. _states, null];

    /// <summary>From here on, submissions see this one, however far it came.</summary>
    public void Keep(CompiledSubmission submission, object?[] states)
    {
        if (!submission.Declares)
            return;
        if (submission.Start is not null)
        {
            if (states[^1] is null)
                return;
            _states = states;
        }

        _last = submission.Compilation;
        _imports.Clear();
        _references.Clear();
    }

    public void Dispose() => _assemblies.Dispose();

    private (CSharpCompilation Compilation, SyntaxTree Tree) Look(SyntaxTree tree)
    {
        ResolveFromCurrentFolder();
        // Submissions inherit references and imports from those before them.
        return (CSharpCompilation.CreateScriptCompilation(
            $"{_id}-{_number}",
            tree,
            _references,
            new CSharpCompilationOptions(
                OutputKind.DynamicallyLinkedLibrary,
                scriptClassName: $"Submission#{_number}",
                usings: _imports,
                allowUnsafe: true,
                sourceReferenceResolver: _sources,
                metadataReferenceResolver: _resolver,
                assemblyIdentityComparer: DesktopAssemblyIdentityComparer.Default),
            _last,
            typeof(object)), tree);
    }

    private void Know(CSharpCompilation compilation)
    {
        foreach (PortableExecutableReference reference in compilation.References.OfType<PortableExecutableReference>().Concat(compilation.DirectiveReferences.OfType<PortableExecutableReference>()))
        {
            if (reference.FilePath is { } path)
                _assemblies.Know(path);
        }
    }

    private static void ThrowIfErrors(ImmutableArray<CodeAnalysis.Diagnostic> diagnostics)
    {
        ImmutableArray<CodeAnalysis.Diagnostic> errors = [.. diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error)];
        if (errors.Length > 0)
            throw new CompilationErrorException(errors[0].ToString(), errors);
    }

    private static bool HasValueAtEnd(CSharpCompilation compilation, CompilationUnitSyntax root, CancellationToken cancellationToken) =>
        root.Members.LastOrDefault() is GlobalStatementSyntax { Statement: ExpressionStatementSyntax { SemicolonToken.IsMissing: true } last }
        && compilation.GetSemanticModel(root.SyntaxTree).GetTypeInfo(last.Expression, cancellationToken).Type?.SpecialType != SpecialType.System_Void;

    /// <summary><c>#r</c> and <c>#load</c> are relative to the folder that the program is in at that time.</summary>
    private void ResolveFromCurrentFolder()
    {
        string folder = Directory.GetCurrentDirectory();
        if (folder == _folder)
            return;
        _folder = folder;
        _resolver = new CachingMetadataResolver(ScriptMetadataResolver.Default.WithBaseDirectory(folder));
        _sources = new SourceFileResolver([], folder);
    }
}
