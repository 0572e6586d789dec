using ZeroI2V.Lab.VideoData.MicroWorld;

namespace ZeroI2V.Lab.Notebooks;

/// <summary>
/// How much a notebook computes. Every notebook has a quick size, of seconds, in which all of its cells run; its numbers
/// then say nothing. Clients that cannot set parameters (nbconvert, "run all") choose it by the environment.
/// </summary>
public static class RunSize
{
    /// <summary>The environment variable: <c>quick</c>, <c>small</c> or <c>large</c>.</summary>
    public const string Variable = "LAB_SIZE";

    /// <summary>The size that the environment asks for. In the cell tagged <c>parameters</c>: <c>MicroSize Size = RunSize.Or(MicroSize.Small);</c></summary>
    /// <param name="ordinary">What the notebook computes where nothing is asked for.</param>
    /// <returns>The size.</returns>
    /// <exception cref="NotebookException">The variable holds something else.</exception>
    public static MicroSize Or(MicroSize ordinary)
    {
        string asked = Environment.GetEnvironmentVariable(Variable) ?? "";
        if (asked.Length == 0)
            return ordinary;
        // Not a number: Enum.Parse would take any.
        return !char.IsAsciiDigit(asked[0]) && Enum.TryParse(asked, ignoreCase: true, out MicroSize size)
            ? size
            : throw new NotebookException($"{Variable} is '{asked}'; expected {string.Join(", ", Enum.GetNames<MicroSize>().Select(name => name.ToLowerInvariant()))}.");
    }
}
