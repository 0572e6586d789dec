using System.Globalization;

namespace ZeroI2V.Lab.VideoData.DataSets;

/// <summary>A line of an official list.</summary>
/// <param name="Path">The video, or the folder of frames.</param>
/// <param name="Offset">Frames before the first; 0 where the line has none.</param>
/// <param name="Frames">Number of frames; 0 in lists of videos.</param>
/// <param name="Labels">Class numbers; one but in data sets with several labels.</param>
public sealed record OfficialListEntry(string Path, int Offset, int Frames, IReadOnlyList<int> Labels);

/// <summary>How the lines of an official list are read.</summary>
public sealed record OfficialListForm
{
    /// <summary><c>FOLDER FRAMES LABEL</c>, split at any white space; otherwise <c>PATH LABEL</c>.</summary>
    public bool FrameFolders { get; init; }

    /// <summary>A number of frames to leave out stands before the number of frames.</summary>
    public bool WithOffset { get; init; }

    /// <summary>Several labels a line.</summary>
    public bool SeveralLabels { get; init; }

    /// <summary>As the official loader: a path with a space is an error, and so are a tab and two spaces before the label.
    /// Otherwise the label is what follows the last white space.</summary>
    public bool Official { get; init; }
}

/// <summary>The text lists of the official code base, which import's lists are equal to.</summary>
public static class OfficialList
{
    /// <summary>Reads one line.</summary>
    /// <param name="line">The line.</param>
    /// <param name="form">How it is read.</param>
    /// <param name="prefix">Folder that relative paths start from; empty for none.</param>
    /// <exception cref="InvalidDataException">The line is not of this form.</exception>
    public static OfficialListEntry Parse(string line, OfficialListForm form, string prefix = "")
    {
        ArgumentNullException.ThrowIfNull(line);
        ArgumentNullException.ThrowIfNull(form);
        string text = line.Trim();
        string[] parts = form.Official && !form.FrameFolders
            ? text.Split(' ')
            : text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        int numbers = 1 + (form.FrameFolders ? 1 : 0) + (form.FrameFolders && form.WithOffset ? 1 : 0);
        int first = form.Official || form.SeveralLabels ? 1 : parts.Length - numbers;
        if (parts.Length - first < numbers || first < 1 || (!form.SeveralLabels && parts.Length - first != numbers))
            throw Wrong();
        var values = new List<int>();
        foreach (string part in parts.Skip(first))
        {
            if (!int.TryParse(part, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value))
                throw Wrong();
            values.Add(value);
        }
        // What is before the numbers, with its own spaces.
        string path = first == 1 ? parts[0] : Before(text, parts.Length - first);
        int at = 0;
        int offset = form.FrameFolders && form.WithOffset ? values[at++] : 0, frames = form.FrameFolders ? values[at++] : 0;
        return new OfficialListEntry(Path.Combine(prefix, path), offset, frames, [.. values.Skip(at)]);

        InvalidDataException Wrong() => new(
            $"Expected a line {(form.FrameFolders ? form.WithOffset ? "FOLDER OFFSET FRAMES LABEL" : "FOLDER FRAMES LABEL" : "PATH LABEL")}; found '{(text.Length > 200 ? text[..200] : text)}'.");
    }

    /// <summary>The line of a video.</summary>
    public static string Line(AnnotatedVideo video)
    {
        ArgumentNullException.ThrowIfNull(video);
        return string.Create(CultureInfo.InvariantCulture, $"{video.Path} {video.Label}");
    }

    private static string Before(string text, int words)
    {
        ReadOnlySpan<char> left = text;
        for (int i = 0; i < words; i++)
        {
            left = left.TrimEnd();
            while (left.Length > 0 && !char.IsWhiteSpace(left[^1]))
                left = left[..^1];
        }
        return left.TrimEnd().ToString();
    }
}
