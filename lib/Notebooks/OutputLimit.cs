namespace ZeroI2V.Lab.Notebooks;

/// <summary>
/// Lets through as much of a cell's output as a notebook can hold, says where it cut, and shows the end of what was printed,
/// where a log tells how it went.
/// </summary>
/// <param name="show">Where the output goes.</param>
internal sealed class OutputLimit(Action<CellOutput> show)
{
    /// <summary>How much of what a cell prints is shown from its beginning, in characters.</summary>
    public const int MaxPrinted = 1 << 20;

    /// <summary>How many values a cell may show.</summary>
    public const int MaxShown = 1_000;

    private const int TailLength = 4_000;

    private string _tail = "";
    private string _tailStream = "";
    private long _printed;
    private long _leftOut;
    private int _shown;

    /// <summary>Takes an output.</summary>
    public void Add(CellOutput output)
    {
        switch (output)
        {
            case StreamOutput text:
                Print(text);
                break;
            case UpdateOutput:
                show(output);
                break;
            default:
                if (++_shown <= MaxShown)
                    show(output);
                else if (_shown == MaxShown + 1)
                    show(new StreamOutput("stderr", $"… cut: a cell shows {MaxShown:N0} values, and this one goes on.\n"));
                break;
        }
    }

    /// <summary>The cell has ended.</summary>
    public void End()
    {
        if (_leftOut == 0)
            return;
        // From the beginning of a line, where there is one.
        int line = _tail.IndexOf('\n', StringComparison.Ordinal) + 1;
        string tail = _tail.Length < _leftOut && line < _tail.Length ? _tail[line..] : _tail;
        show(new StreamOutput(_tailStream, $"… {_leftOut - tail.Length:N0} characters left out; the end:\n{tail}"));
    }

    private void Print(StreamOutput output)
    {
        int room = (int)Math.Clamp(MaxPrinted - _printed, 0, output.Text.Length);
        bool wasWhole = _leftOut == 0;
        _printed += output.Text.Length;
        if (room > 0)
            show(output with { Text = output.Text[..room] });
        if (room == output.Text.Length)
            return;
        if (wasWhole)
            show(new StreamOutput(output.Name, $"\n… cut: of what a cell prints, {MaxPrinted:N0} characters are shown, and its end when it is done.\n"));
        _leftOut += output.Text.Length - room;
        _tailStream = output.Name;
        string rest = string.Concat(_tail, output.Text.AsSpan(room));
        _tail = rest.Length <= TailLength ? rest : rest[^TailLength..];
    }
}
