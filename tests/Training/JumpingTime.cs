namespace ZeroI2V.Lab.Tests.Training;

/// <summary>A clock on the wall and a count of time that go their own ways.</summary>
internal sealed class JumpingTime : TimeProvider
{
    public TimeSpan Clock { get; set; }

    public TimeSpan Count { get; set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddYears(50) + Clock;

    public override long GetTimestamp() => Count.Ticks;
}
