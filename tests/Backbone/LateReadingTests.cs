using ZeroI2V.Lab.Backbone;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Tests.Backbone;

public sealed class LateReadingTests
{
    [Fact]
    public void What_is_kept_outlives_its_batch_and_is_read_once()
    {
        var read = new List<float[]>();
        using var late = new LateReading();
        late.Read();
        using (NewDisposeScope())
            late.Keep(tensor(new[] { 1.0, 2.0, 3.0, 4.0 }, [2, 2]), read.Add);
        Assert.Empty(read);
        using Tensor other = ones(1);
        Assert.Throws<InvalidOperationException>(() => late.Keep(other, read.Add));
        late.Read();
        late.Read();
        Assert.Equal([[1, 2, 3, 4]], read);
    }
}
