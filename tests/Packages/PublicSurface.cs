using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace ZeroI2V.Lab.Tests.Packages;

/// <summary>
/// The public and protected types and members of an assembly, in the notation of <c>api-surface/</c>:
/// a line each, made by Roslyn's symbol display.
/// </summary>
internal static class PublicSurface
{
    private static readonly SymbolDisplayFormat Format = new(
        SymbolDisplayGlobalNamespaceStyle.Omitted,
        SymbolDisplayTypeQualificationStyle.NameAndContainingTypesAndNamespaces,
        SymbolDisplayGenericsOptions.IncludeTypeParameters | SymbolDisplayGenericsOptions.IncludeTypeConstraints | SymbolDisplayGenericsOptions.IncludeVariance,
        SymbolDisplayMemberOptions.IncludeParameters | SymbolDisplayMemberOptions.IncludeType | SymbolDisplayMemberOptions.IncludeContainingType
            | SymbolDisplayMemberOptions.IncludeRef | SymbolDisplayMemberOptions.IncludeExplicitInterface,
        SymbolDisplayDelegateStyle.NameAndSignature,
        SymbolDisplayExtensionMethodStyle.StaticMethod,
        SymbolDisplayParameterOptions.IncludeName | SymbolDisplayParameterOptions.IncludeType | SymbolDisplayParameterOptions.IncludeParamsRefOut
            | SymbolDisplayParameterOptions.IncludeDefaultValue | SymbolDisplayParameterOptions.IncludeExtensionThis,
        SymbolDisplayPropertyStyle.ShowReadWriteDescriptor,
        SymbolDisplayLocalOptions.None,
        SymbolDisplayKindOptions.None,
        SymbolDisplayMiscellaneousOptions.UseSpecialTypes);

    /// <summary>A base without the constraints of its own parameters, which stand behind the type's name.</summary>
    private static readonly SymbolDisplayFormat BaseFormat = Format.WithGenericsOptions(SymbolDisplayGenericsOptions.IncludeTypeParameters | SymbolDisplayGenericsOptions.IncludeVariance);

    /// <summary>The surface of the assembly at <paramref name="path"/>, without what the compiler adds by itself.</summary>
    public static IReadOnlyList<string> Read(string path)
    {
        IEnumerable<MetadataReference> runtime = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(System.IO.Path.PathSeparator)
            .Where(file => System.IO.Path.GetFileName(file) != System.IO.Path.GetFileName(path))
            .Select(file => MetadataReference.CreateFromFile(file));
        var own = MetadataReference.CreateFromFile(path);
        var compilation = CSharpCompilation.Create("surface", references: [.. runtime, own]);
        var assembly = (IAssemblySymbol)compilation.GetAssemblyOrModuleSymbol(own)!;

        var lines = new List<string>();
        AddNamespace(assembly.GlobalNamespace, lines);
        lines.Sort(StringComparer.Ordinal);
        return lines;
    }

    private static void AddNamespace(INamespaceSymbol space, List<string> lines)
    {
        foreach (INamespaceSymbol inner in space.GetNamespaceMembers())
            AddNamespace(inner, lines);
        foreach (INamedTypeSymbol type in space.GetTypeMembers())
            AddType(type, lines);
    }

    private static void AddType(INamedTypeSymbol type, List<string> lines)
    {
        if (!IsVisible(type))
            return;
        lines.Add(TypeLine(type));
        if (type.TypeKind == TypeKind.Delegate)
            return;
        foreach (INamedTypeSymbol inner in type.GetTypeMembers())
            AddType(inner, lines);
        foreach (ISymbol member in type.GetMembers())
        {
            if (IsVisible(member) && MemberLine(member) is { } line)
                lines.Add(line);
        }
    }

    private static bool IsVisible(ISymbol symbol) =>
        symbol.DeclaredAccessibility is Accessibility.Public or Accessibility.Protected or Accessibility.ProtectedOrInternal;

    private static string TypeLine(INamedTypeSymbol type)
    {
        string display = type.ToDisplayString(Format);
        string constraints = "";
        int where = display.IndexOf(" where ", StringComparison.Ordinal);
        if (where >= 0)
            (display, constraints) = (display[..where], display[where..]);
        string kind = type switch
        {
            { TypeKind: TypeKind.Interface } => "interface",
            { TypeKind: TypeKind.Enum } => "enum",
            { TypeKind: TypeKind.Delegate } => "delegate",
            { TypeKind: TypeKind.Struct, IsRecord: true } => "record struct",
            { TypeKind: TypeKind.Struct } => "struct",
            { IsRecord: true } => "record",
            { IsStatic: true } => "static class",
            _ => "class",
        };
        var bases = new List<string>();
        if (kind is "class" or "record" && type.BaseType is { SpecialType: not SpecialType.System_Object } baseType)
            bases.Add(baseType.ToDisplayString(BaseFormat));
        if (kind is not ("enum" or "delegate"))
        {
            // Metadata lists inherited interfaces too; sources name only the nearest.
            bases.AddRange(type.Interfaces.Where(i => !type.Interfaces.Any(nearer => nearer.AllInterfaces.Contains(i))).Select(i => i.ToDisplayString(BaseFormat)));
        }
        return $"type {kind} {display}{(bases.Count > 0 ? " : " + string.Join(", ", bases) : "")}{constraints}";
    }

    private static string? MemberLine(ISymbol member)
    {
        string modifiers = (member.DeclaredAccessibility == Accessibility.Public ? "" : "protected ") + (member.IsStatic ? "static " : "");
        switch (member)
        {
            case IFieldSymbol { ContainingType.TypeKind: TypeKind.Enum } value:
                return $"field {value.ContainingType.ToDisplayString(Format)}.{value.Name} = {value.ConstantValue}";
            case IFieldSymbol { HasConstantValue: true } constant:
                return $"field {modifiers}{constant.ToDisplayString(Format)} = {constant.ConstantValue}";
            case IFieldSymbol field:
                return $"field {modifiers}{field.ToDisplayString(Format)}";
            case IPropertySymbol property when !IsAddedByRecord(property):
                return $"property {modifiers}{property.ToDisplayString(Format)}";
            case IEventSymbol @event:
                return $"event {modifiers}{@event.ToDisplayString(Format)}";
            case IMethodSymbol { MethodKind: MethodKind.Ordinary or MethodKind.Constructor or MethodKind.UserDefinedOperator or MethodKind.Conversion } method
                when !method.IsImplicitlyDeclared && !IsAddedByRecord(method):
                return $"method {modifiers}{method.ToDisplayString(Format)}";
            default:
                return null;
        }
    }

    /// <summary>What a record declaration brings without being written: copying, comparing, printing.</summary>
    private static bool IsAddedByRecord(ISymbol member) =>
        member.ContainingType.IsRecord
        && member.Name is "Equals" or "GetHashCode" or "ToString" or "PrintMembers" or "EqualityContract" or "Deconstruct" or "<Clone>$" or "op_Equality" or "op_Inequality";
}

/// <summary>One line of a public surface, taken apart for comparison.</summary>
/// <param name="Key">Kind, staticness, access, return type, containing type, name and type parameters.</param>
/// <param name="Arguments">Parameters, or accessors of a property, or bases of a type.</param>
internal sealed partial record SurfaceLine(string Key, IReadOnlyList<string> Arguments)
{
    /// <summary>Whether this is the start of a line; a string constant of several lines continues on others.</summary>
    public static bool IsOne(string text) => LineStart().IsMatch(text);

    /// <summary>Takes a line apart.</summary>
    public static SurfaceLine Parse(string line)
    {
        string kind = line[..line.IndexOf(' ', StringComparison.Ordinal)];
        bool isType = kind == "type";
        string text = isType ? TypeModifiers().Replace(line, "type ") : Modifiers().Replace(line, kind + " ", 1);
        // A constant is written `const` in the reference and static by Roslyn; it is neither in the key.
        string access = !isType && Head(line).Contains(" protected ", StringComparison.Ordinal) ? "protected " : "";
        string staticness = !isType && Head(line).Contains(" static ", StringComparison.Ordinal) && !text.StartsWith("field ", StringComparison.Ordinal) ? "static " : "";
        text = access + staticness + text;

        // Constraints and constant values belong to the key. The reference repeats a type's constraints behind each base.
        string tail = "";
        if (isType)
        {
            tail = string.Concat(Constraint().Matches(text).Select(match => match.Value).Distinct().Order(StringComparer.Ordinal));
            text = Constraint().Replace(text, "");
        }
        else if (TopLevelIndex(text, " where ") is >= 0 and var where)
        {
            (text, tail) = (text[..where], text[where..]);
        }

        switch (kind)
        {
            case "type" when !text.StartsWith("type delegate ", StringComparison.Ordinal):
                int colon = TopLevelIndex(text, " : ");
                return colon < 0 ? new(text + tail, []) : new(text[..colon] + tail, Split(text[(colon + 3)..]));
            case "method":
            case "type":
                int open = MatchingOpen(text);
                return new(text[..open] + tail, Split(text[(open + 1)..^1]));
            case "property":
                int brace = text.LastIndexOf('{');
                return new(text[..brace].TrimEnd(), [.. text[(brace + 1)..^1].Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)]);
            default:
                return new(text, []);
        }
    }

    /// <summary>Whether a caller of this stand-in line compiles against <paramref name="real"/>.</summary>
    public bool IsCoveredBy(SurfaceLine real)
    {
        if (real.Key != Key)
            return false;
        if (!Key.Contains("method ", StringComparison.Ordinal) && !Key.Contains("type delegate ", StringComparison.Ordinal))
            return Arguments.All(real.Arguments.Contains);
        int next = 0;
        foreach (string parameter in real.Arguments)
        {
            if (next < Arguments.Count && Arguments[next] == parameter)
                next++;
            else if (!parameter.Contains(" = ", StringComparison.Ordinal))
                return false;
        }

        return next == Arguments.Count;
    }

    // Only the words between the kind and the type are modifiers; a parameter may be called the same.
    private static string Head(string line) => " " + Modifiers().Match(line).Value;

    [GeneratedRegex(@"^(method|property|field|event) ((static|protected|internal|private|override|virtual|abstract|sealed|readonly|const|extern|unsafe|async|new|required|volatile) )*")]
    private static partial Regex Modifiers();

    [GeneratedRegex("^(type|method|property|field|event) ")]
    private static partial Regex LineStart();

    [GeneratedRegex(@" where \w+ : [^\s,]+(, new\(\))?(?=,| : | where |$)")]
    private static partial Regex Constraint();

    [GeneratedRegex(@"^type ((sealed|abstract|readonly|partial|ref) )*")]
    private static partial Regex TypeModifiers();

    private static int TopLevelIndex(string text, string what)
    {
        int depth = 0;
        for (int i = 0; i < text.Length; i++)
        {
            depth += Depth(text, i);
            if (depth == 0 && string.CompareOrdinal(text, i, what, 0, what.Length) == 0)
                return i;
        }

        return -1;
    }

    private static int MatchingOpen(string text)
    {
        int depth = 0;
        for (int i = text.Length - 1; i >= 0; i--)
        {
            if (text[i] == ')')
                depth++;
            else if (text[i] == '(' && --depth == 0)
                return i;
        }

        throw new FormatException($"No parameter list in '{text}'.");
    }

    private static List<string> Split(string list)
    {
        var parts = new List<string>();
        int depth = 0, start = 0;
        for (int i = 0; i < list.Length; i++)
        {
            depth += Depth(list, i);
            if (depth == 0 && list[i] == ',')
            {
                parts.Add(list[start..i].Trim());
                start = i + 1;
            }
        }

        if (list.Trim().Length > 0)
            parts.Add(list[start..].Trim());
        return parts;
    }

    // Operators such as `operator <` are no brackets.
    private static int Depth(string text, int i) => text[i] switch
    {
        '(' or '[' or '{' => 1,
        ')' or ']' or '}' => -1,
        '<' when !text[..i].TrimEnd('<', '>').EndsWith("operator ", StringComparison.Ordinal) => 1,
        '>' when !text[..i].TrimEnd('<', '>').EndsWith("operator ", StringComparison.Ordinal) => -1,
        _ => 0,
    };
}
