namespace ZeroI2V.Lab.Notebooks;

/// <summary>The console's input while cells run: there is nobody to ask, and a cell that asks is told so instead of waiting for ever.</summary>
internal sealed class NoInput : TextReader
{
    public override int Peek() => throw Refusal();

    public override int Read() => throw Refusal();

    public override int Read(char[] buffer, int index, int count) => throw Refusal();

    public override string? ReadLine() => throw Refusal();

    public override string ReadToEnd() => throw Refusal();

    private static NotSupportedException Refusal() => new("Cells cannot ask for input: a notebook must run the same without anybody there. Declare a parameter in the cell tagged \"parameters\", or assign a variable.");
}
