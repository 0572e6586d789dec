namespace ZeroI2V.Lab.GradCam;

/// <summary>A map was asked for that the model, the clip or the options cannot give.</summary>
/// <param name="message">Expected, found, remedy.</param>
public sealed class CamException(string message) : Exception(message);
