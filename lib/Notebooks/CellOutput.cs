using System.Text.Json.Nodes;

namespace ZeroI2V.Lab.Notebooks;

/// <summary>Something that a running cell shows. The names are those of the Jupyter messages.</summary>
public abstract record CellOutput;

/// <summary>Text on standard output or standard error.</summary>
/// <param name="Name"><c>stdout</c> or <c>stderr</c>.</param>
/// <param name="Text">A piece of it; pieces follow each other.</param>
public sealed record StreamOutput(string Name, string Text) : CellOutput;

/// <summary>A displayed value in its forms.</summary>
/// <param name="Bundle">MIME type to text, or to JSON where the type is JSON.</param>
/// <param name="DisplayId">What a later update names it by, if anything.</param>
public sealed record DisplayOutput(JsonObject Bundle, string? DisplayId) : CellOutput;

/// <summary>New forms of a value displayed before.</summary>
/// <param name="Bundle">MIME type to text, or to JSON where the type is JSON.</param>
/// <param name="DisplayId">Which one.</param>
public sealed record UpdateOutput(JsonObject Bundle, string DisplayId) : CellOutput;

/// <summary>The value of the cell's last expression.</summary>
/// <param name="Bundle">MIME type to text, or to JSON where the type is JSON.</param>
public sealed record ResultOutput(JsonObject Bundle) : CellOutput;
