namespace FFMpegCore.Arguments;

/// <summary>A piece of ffmpeg's command line. Its text is asked for late: a raw video source looks at its first frame then.</summary>
internal interface IPart
{
    string Text { get; }
}

/// <summary>An option whose text is known at once.</summary>
internal sealed record Option(string Text) : IPart;

/// <summary>An input or output, which takes part in the run.</summary>
internal interface IEndPoint : IPart
{
    /// <summary>Before ffmpeg starts.</summary>
    void Before();

    /// <summary>While ffmpeg runs; <paramref name="ended"/> fires when it has ended.</summary>
    Task DuringAsync(CancellationToken ended);

    /// <summary>After everything.</summary>
    void After();
}
