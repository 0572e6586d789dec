namespace ZeroI2V.Lab.VideoData;
/// <summary>x</summary>
public static class ClipTransform;
