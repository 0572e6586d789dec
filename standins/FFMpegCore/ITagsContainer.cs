namespace FFMpegCore;

/// <summary>Something with tags.</summary>
public interface ITagsContainer
{
    /// <summary>Tags by name, whatever the case.</summary>
    Dictionary<string, string>? Tags { get; set; }
}
