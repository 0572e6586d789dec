namespace ZeroI2V.Lab.GradCam;

/// <summary>A map as it is shown: with a name and a scale.</summary>
/// <param name="Title">What it is of, such as <c>temporal heads</c>.</param>
/// <param name="Map">The raw numbers.</param>
/// <param name="Scale">What becomes the last colour; panels that are to be compared share one.</param>
public sealed record CamPanel(string Title, CamMap Map, CamScale Scale)
{
    /// <summary>Maps on one scale, so that they can be compared.</summary>
    /// <param name="maps">Titles and maps.</param>
    public static IReadOnlyList<CamPanel> Together(params IReadOnlyList<(string Title, CamMap Map)> maps)
    {
        ArgumentNullException.ThrowIfNull(maps);
        var scale = CamScale.Of(maps.Select(item => item.Map));
        return [.. maps.Select(item => new CamPanel(item.Title, item.Map, scale))];
    }

    /// <summary>Maps of one layer, method and score on one scale: those of spatial and temporal heads, where it has both, and of all.</summary>
    /// <param name="maps">The maps.</param>
    /// <param name="allTitle">What the model as a whole is called.</param>
    /// <param name="frame">Where a temporal head's evidence is drawn.</param>
    public static IReadOnlyList<CamPanel> Groups(LayerMaps maps, string allTitle, EvidenceFrame frame = EvidenceFrame.LookedAt)
    {
        ArgumentNullException.ThrowIfNull(maps);
        HeadGroup[] groups = [.. new[] { HeadGroup.Spatial, HeadGroup.Temporal }.Where(group => group.Within(maps.Origin.Offsets).Length is var n && n > 0 && n < maps.Origin.Offsets.Count), HeadGroup.All];
        return Together([.. groups.Select(group => (group == HeadGroup.All ? allTitle : group.Title, maps.Map(group, frame)))]);
    }
}
