using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace Microsoft.DotNet.Interactive.CSharp;

/// <summary>
/// Resolves each reference once. Roslyn's own resolver reads an assembly's metadata anew for every submission, which costs
/// megabytes each time and makes types of one submission strangers to the next.
/// </summary>
internal sealed class CachingMetadataResolver(MetadataReferenceResolver inner) : MetadataReferenceResolver
{
    private readonly ConcurrentDictionary<(string Reference, string? From), ImmutableArray<PortableExecutableReference>> _references = new();
    private readonly ConcurrentDictionary<AssemblyIdentity, PortableExecutableReference?> _missing = new();

    public override bool ResolveMissingAssemblies => inner.ResolveMissingAssemblies;

    public override ImmutableArray<PortableExecutableReference> ResolveReference(string reference, string? baseFilePath, MetadataReferenceProperties properties)
    {
        if (_references.TryGetValue((reference, baseFilePath), out ImmutableArray<PortableExecutableReference> known))
            return known;
        ImmutableArray<PortableExecutableReference> found = inner.ResolveReference(reference, baseFilePath, properties);
        // A file that is not there yet may come.
        return found.IsEmpty ? found : _references.GetOrAdd((reference, baseFilePath), found);
    }

    public override PortableExecutableReference? ResolveMissingAssembly(MetadataReference definition, AssemblyIdentity referenceIdentity) =>
        _missing.GetOrAdd(referenceIdentity, identity => inner.ResolveMissingAssembly(definition, identity));

    public override bool Equals(object? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
}
