using System.Text;

namespace ZeroI2V.Lab.Reporting;

/// <summary>Text as LaTeX takes it, whatever its engine.</summary>
internal static class LatexText
{
    /// <summary>Every sign that LaTeX reads otherwise, or that an old engine lacks, as its command.</summary>
    /// <param name="text">The text.</param>
    internal static string Escape(string text)
    {
        var latex = new StringBuilder(text.Length + 8);
        foreach (char letter in text.ReplaceLineEndings(" "))
        {
            latex.Append(letter switch
            {
                '\\' => "\\textbackslash{}",
                '{' or '}' or '%' or '$' or '#' or '_' or '&' => "\\" + letter,
                '~' => "\\textasciitilde{}",
                '^' => "\\textasciicircum{}",
                '±' => "$\\pm$",
                '−' => "$-$",
                '×' => "$\\times$",
                '→' => "$\\to$",
                'Δ' => "$\\Delta$",
                '–' => "--",
                '\u00a0' => "~",
                _ => letter.ToString(),
            });
        }
        return latex.ToString();
    }
}
