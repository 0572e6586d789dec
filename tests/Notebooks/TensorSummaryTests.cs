using TorchSharp;
using ZeroI2V.Lab.Notebooks;

namespace ZeroI2V.Lab.Tests.Notebooks;

public sealed class TensorSummaryTests
{
    [Fact]
    public void A_tensor_is_its_shape_type_device_and_range()
    {
        using torch.Tensor tensor = torch.tensor(new float[] { -1, 0.5f, 2 });
        Assert.Equal("[3] Float32 on cpu: min -1, mean 0.5, max 2", TensorSummary.Of(tensor));
    }

    [Fact]
    public void Values_that_are_not_finite_are_counted_and_left_out()
    {
        using torch.Tensor some = torch.tensor(new double[] { 1, double.NaN, 3, double.PositiveInfinity });
        using torch.Tensor none = torch.tensor(new double[] { double.NaN, double.NaN });
        Assert.Equal("[4] Float64 on cpu: min 1, mean 2, max 3, 2 not finite", TensorSummary.Of(some));
        Assert.Equal("[2] Float64 on cpu: none finite", TensorSummary.Of(none));
    }

    [Fact]
    public void Integers_truth_values_scalars_and_empty_tensors_have_one_too()
    {
        using torch.Tensor whole = torch.tensor(new long[] { 1, 2 });
        using torch.Tensor truth = torch.tensor(new[] { true, false });
        using torch.Tensor scalar = torch.tensor(0.25f);
        using torch.Tensor empty = torch.zeros([0, 2]);
        Assert.Equal("[2] Int64 on cpu: min 1, mean 1.5, max 2", TensorSummary.Of(whole));
        Assert.Equal("[2] Bool on cpu: min 0, mean 0.5, max 1", TensorSummary.Of(truth));
        Assert.Equal("[] Float32 on cpu: 0.25", TensorSummary.Of(scalar));
        Assert.Equal("[0, 2] Float32 on cpu: empty", TensorSummary.Of(empty));
    }

    [Fact]
    public void A_tensor_that_was_disposed_of_says_so()
    {
        torch.Tensor tensor = torch.zeros([2]);
        tensor.Dispose();
        Assert.Equal("tensor, disposed of", TensorSummary.Of(tensor));
    }
}

public sealed class PictureTests
{
    [Fact]
    public void What_a_picture_is_is_told_by_its_bytes()
    {
        Assert.Equal("image/png", Picture.FromBytes([0x89, (byte)'P', (byte)'N', (byte)'G', 0], "x").MimeType);
        Assert.Equal("image/jpeg", Picture.FromBytes([0xFF, 0xD8, 0xFF, 0xE0], "x").MimeType);
        Assert.Throws<InvalidDataException>(() => Picture.FromBytes([1, 2, 3], "x"));
    }
}
