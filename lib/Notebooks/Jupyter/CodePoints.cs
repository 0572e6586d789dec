namespace ZeroI2V.Lab.Notebooks.Jupyter;

/// <summary>The protocol counts a cursor's place in Unicode code points, C# in UTF-16 units.</summary>
internal static class CodePoints
{
    /// <summary>The index in the string; its end where the place is beyond it or not given.</summary>
    public static int ToIndex(string text, int? points)
    {
        if (points is not { } wanted)
            return text.Length;
        int index = 0;
        for (int i = 0; i < wanted && index < text.Length; i++)
            index += char.IsSurrogatePair(text, index) ? 2 : 1;
        return index;
    }

    /// <summary>How many code points stand before the index.</summary>
    public static int FromIndex(string text, int index)
    {
        int points = 0;
        for (int i = 0; i < index; i += char.IsSurrogatePair(text, i) ? 2 : 1)
            points++;
        return points;
    }
}
