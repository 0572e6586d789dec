using ZeroI2V.Lab.VideoData;

namespace ZeroI2V.Lab.Tests.VideoData;

public sealed class GeometryTests
{
    [Fact]
    public void The_second_of_three_crops_can_reach_the_edge()
    {
        Assert.Equal(new CropBox(2, 0, 226, 224), CropBox.Three(227, 224, 224, official: true)[1]);
        Assert.Equal(new CropBox(3, 0, 227, 224), CropBox.Three(227, 224, 224)[1]);
    }

    [Fact]
    public void A_crop_that_does_not_fit_is_refused()
    {
        Assert.Throws<ArgumentException>(() => CropBox.Center(223, 300, 224));
        Assert.Throws<ArgumentException>(() => CropBox.Three(300, 225, 224));
        Assert.Throws<ArgumentException>(() => CropBox.Three(224, 223, 224));
    }
}
