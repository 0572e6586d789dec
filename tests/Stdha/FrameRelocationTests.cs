using ZeroI2V.Lab.Stdha;

namespace ZeroI2V.Lab.Tests.Stdha;

public sealed class FrameRelocationTests
{
    [Theory]
    [InlineData(-1, new[] { 0, 0, 1 })]
    [InlineData(1, new[] { 1, 2, 2 })]
    [InlineData(-2, new[] { 0, 1, 0 })]
    [InlineData(2, new[] { 2, 1, 2 })]
    [InlineData(0, new[] { 0, 1, 2 })]
    [InlineData(3, new[] { 0, 1, 2 })]
    [InlineData(-4, new[] { 0, 1, 2 })]
    [InlineData(int.MaxValue, new[] { 0, 1, 2 })]
    [InlineData(int.MinValue, new[] { 0, 1, 2 })]
    public void Outside_the_clip_a_frame_sees_itself(int offset, int[] expected) =>
        Assert.Equal(expected, FrameRelocation.Sources(3, offset, BorderRule.OwnFrame));

    [Theory]
    [InlineData(-1, new[] { 0, 0, 1 })]
    [InlineData(2, new[] { 2, 2, 2 })]
    [InlineData(-5, new[] { 0, 0, 0 })]
    public void Clamping_sees_the_first_or_last_frame(int offset, int[] expected) =>
        Assert.Equal(expected, FrameRelocation.Sources(3, offset, BorderRule.Clamp));

    [Theory]
    [InlineData(-1, new[] { 2, 0, 1 })]
    [InlineData(4, new[] { 1, 2, 0 })]
    [InlineData(-3, new[] { 0, 1, 2 })]
    public void Wrapping_goes_round(int offset, int[] expected) =>
        Assert.Equal(expected, FrameRelocation.Sources(3, offset, BorderRule.Wrap));
}
