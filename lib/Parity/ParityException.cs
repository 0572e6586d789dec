namespace ZeroI2V.Lab.Parity;

/// <summary>A parity folder is incomplete, damaged, or asks for something that the lab does not have.</summary>
/// <param name="message">Expected, found, remedy.</param>
/// <param name="cause">The error underneath, if any.</param>
public sealed class ParityException(string message, Exception? cause = null) : Exception(message, cause);
