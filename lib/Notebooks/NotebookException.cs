namespace ZeroI2V.Lab.Notebooks;

/// <summary>A notebook that cannot be read, written or run; the message says where and what to do.</summary>
public sealed class NotebookException : Exception
{
    /// <summary>With what was expected, what was found and the remedy.</summary>
    public NotebookException(string message)
        : base(message)
    {
    }

    /// <summary>Caused by <paramref name="innerException"/>.</summary>
    public NotebookException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
