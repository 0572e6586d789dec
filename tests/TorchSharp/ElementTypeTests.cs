using TorchSharp;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Tests.TorchSharp;

/// <summary>Element types, devices, and the way of values in and out.</summary>
public sealed class ElementTypeTests
{
    [Fact]
    public void Arrays_keep_their_type_and_values()
    {
        using var scope = NewDisposeScope();
        Assert.Equal([1f, 2f], torch.tensor(new[] { 1f, 2f }).data<float>().ToArray());
        Assert.Equal([1.0, 2.0], torch.tensor(new[] { 1.0, 2.0 }).data<double>().ToArray());
        Assert.Equal([1L, 2L], torch.tensor(new[] { 1L, 2L }).data<long>().ToArray());
        Assert.Equal([1, 2], torch.tensor(new[] { 1, 2 }).data<int>().ToArray());
        Assert.Equal([(short)1], torch.tensor(new short[] { 1 }).data<short>().ToArray());
        Assert.Equal([(byte)255], torch.tensor(new byte[] { 255 }).data<byte>().ToArray());
        Assert.Equal([(sbyte)-1], torch.tensor(new sbyte[] { -1 }).data<sbyte>().ToArray());
        Assert.Equal([true, false], torch.tensor(new[] { true, false }).data<bool>().ToArray());
        Assert.Equal([(Half)1.5f], torch.tensor(new[] { (Half)1.5f }).data<Half>().ToArray());
        Assert.Equal([(BFloat16)1.5f], torch.tensor(new[] { (BFloat16)1.5f }).data<BFloat16>().ToArray());
    }

    [Fact]
    public void A_tensor_has_its_own_copy_of_an_array()
    {
        using var scope = NewDisposeScope();
        float[] values = [1, 2];
        var tensor = torch.tensor(values);
        values[0] = 9;
        Assert.Equal(1, tensor[0].ToSingle());
    }

    [Fact]
    public unsafe void A_storage_is_the_memory_under_a_tensor_and_its_views()
    {
        using var scope = NewDisposeScope();
        var tensor = torch.tensor(new[] { 1f, 2f, 3f });
        var start = (float*)tensor.storage<float>().data_ptr();
        Assert.Equal(3, start[2]);
        start[1] = 5;
        Assert.Equal([1f, 5f, 3f], tensor.data<float>().ToArray());
        Assert.Equal((nint)start, tensor.narrow(0, 1, 2).storage<float>().data_ptr());
        // Asked for as another type, it is that of a converted copy.
        Assert.Equal(5, ((long*)tensor.storage<long>().data_ptr())[1]);
        Assert.Throws<NotSupportedException>(() => tensor.storage<Half>());
    }

    [Fact]
    public void Reading_as_another_type_is_refused()
    {
        using var scope = NewDisposeScope();
        Assert.Throws<ArgumentException>(() => torch.ones(2).data<double>());
        Assert.Throws<ArgumentException>(() => torch.ones(1).item<long>());
        Assert.Throws<ArgumentException>(() => torch.ones(2).item<float>());
        Assert.Equal(1f, torch.ones(1).item<float>());
    }

    [Fact]
    public void A_count_that_does_not_fit_the_dimensions_is_refused()
    {
        using var scope = NewDisposeScope();
        Assert.ThrowsAny<Exception>(() => torch.tensor(new[] { 1f, 2f, 3f }, [2, 2]));
    }

    [Fact]
    public void Scalars_convert_to_any_type()
    {
        using var scope = NewDisposeScope();
        var x = torch.tensor(2.75);
        Assert.Equal(2.75f, x.ToSingle());
        Assert.Equal(2, x.ToInt32());
        Assert.Equal(2L, x.ToInt64());
        Assert.True(x.ToBoolean());
        Assert.Equal(7, torch.tensor(7).ToDouble());
    }

    [Theory]
    [InlineData(ScalarType.Byte, 1)]
    [InlineData(ScalarType.Int8, 1)]
    [InlineData(ScalarType.Int16, 2)]
    [InlineData(ScalarType.Int32, 4)]
    [InlineData(ScalarType.Int64, 8)]
    [InlineData(ScalarType.Float16, 2)]
    [InlineData(ScalarType.BFloat16, 2)]
    [InlineData(ScalarType.Float32, 4)]
    [InlineData(ScalarType.Float64, 8)]
    [InlineData(ScalarType.Bool, 1)]
    public void Every_type_converts_there_and_back(ScalarType type, int size)
    {
        using var scope = NewDisposeScope();
        var x = torch.tensor(new[] { 0.0, 1.0 }).to(type);
        Assert.Equal(type, x.dtype);
        Assert.Equal(size, x.ElementSize);
        Assert.Equal([0.0, 1.0], x.to(float64).data<double>().ToArray());
    }

    [Fact]
    public void Types_by_name()
    {
        using var scope = NewDisposeScope();
        var x = torch.ones(1);
        Assert.Equal(ScalarType.Float16, x.half().dtype);
        Assert.Equal(ScalarType.BFloat16, x.bfloat16().dtype);
        Assert.Equal(ScalarType.Float64, x.@double().dtype);
        Assert.Equal(ScalarType.Int64, x.@long().dtype);
        Assert.Equal(ScalarType.Int32, x.@int().dtype);
        Assert.Equal(ScalarType.Byte, x.@byte().dtype);
        Assert.Equal(ScalarType.Bool, x.@bool().dtype);
        Assert.Equal(ScalarType.Float32, x.half().@float().dtype);
        Assert.Equal(ScalarType.Float64, x.type_as(torch.ones(1, dtype: float64)).dtype);
    }

    [Fact]
    public void Default_types_follow_the_values()
    {
        using var scope = NewDisposeScope();
        Assert.Equal(ScalarType.Float32, torch.zeros(1).dtype);
        Assert.Equal(ScalarType.Int64, torch.arange(3).dtype);
        Assert.Equal(ScalarType.Float32, torch.arange(0, 1, 0.5).dtype);
        Assert.Equal(ScalarType.Float32, torch.full(1, 0.5).dtype);
        Assert.Equal(ScalarType.Int64, torch.full(1, 3).dtype);
        Assert.Equal(ScalarType.Bool, (torch.ones(1) > 0).dtype);
        Assert.Equal(ScalarType.Float32, (torch.ones(1) * 2.0).dtype);
        Assert.Equal(ScalarType.Float64, (torch.ones(1) * torch.ones(1, dtype: float64)).dtype);
        Assert.Equal(ScalarType.Float64, torch.ones(2).sum(ScalarType.Float64).dtype);
    }

    [Fact]
    public void Bfloat16_rounds_to_eight_bits_of_mantissa()
    {
        using var scope = NewDisposeScope();
        var x = torch.tensor(new[] { 1f + 1f / 256, 1f + 3f / 256, 3.14159265f, 1e38f }).to(bfloat16).to(float32);
        Assert.Equal([1f, 1.015625f, 3.140625f, 9.9692e37f], x.data<float>().ToArray(), (a, b) => Math.Abs(a - b) <= 1e-4f * Math.Abs(a));
        Assert.Equal(3.140625f, ((BFloat16)3.14159265f).ToSingle());
    }

    [Fact]
    public void A_layer_runs_and_trains_in_bfloat16()
    {
        using var scope = NewDisposeScope();
        using var layer = nn.Linear(8, 4).to(bfloat16);
        Assert.Equal(ScalarType.BFloat16, layer.weight.dtype);
        var output = layer.call(torch.randn(3, 8).to(bfloat16));
        Assert.Equal(ScalarType.BFloat16, output.dtype);
        output.sum().backward();
        Assert.Equal(ScalarType.BFloat16, layer.weight.grad!.dtype);
        Assert.True(layer.weight.grad!.isfinite().all().ToBoolean());
    }

    [Fact]
    public void Devices_are_parsed_and_named()
    {
        Assert.Equal("cpu", torch.device("cpu").ToString());
        Assert.Equal("cuda:1", new Device("cuda:1").ToString());
        Assert.Equal(1, new Device("cuda:1").index);
        Assert.Equal(DeviceType.CUDA, new Device("cuda", 0).type);
        using var x = torch.ones(1);
        Assert.Equal(DeviceType.CPU, x.device.type);
        Assert.False(x.is_cuda);
        using var same = x.to(CPU).cpu();
        Assert.Equal(1f, same.item<float>());
    }

    [Fact]
    public void Bytes_are_the_memory_of_a_contiguous_tensor()
    {
        using var scope = NewDisposeScope();
        var x = torch.tensor(new[] { 1f, 2f });
        Assert.Equal(8, x.bytes.Length);
        Assert.Equal(1f, BitConverter.ToSingle(x.bytes));
        x.bytes = new byte[8];
        Assert.Equal([0f, 0f], x.data<float>().ToArray());
    }

    [Fact]
    public void Values_are_copied_into_and_out_of_spans()
    {
        using var scope = NewDisposeScope();
        var x = torch.zeros(4);
        x.data<float>().CopyFrom([1, 2, 3], 1, 2);
        Assert.Equal([0, 0, 2, 3], x.data<float>().ToArray());
        var two = new float[2];
        x.data<float>().CopyTo(two, 0, 2);
        Assert.Equal([2, 3], two);
    }

    [Fact]
    public void Sizes_are_told_in_every_way()
    {
        using var scope = NewDisposeScope();
        var x = torch.zeros(2, 3, 4);
        Assert.Equal([2L, 3L, 4L], x.shape);
        Assert.Equal(3, x.ndim);
        Assert.Equal(3, x.dim());
        Assert.Equal(24, x.numel());
        Assert.Equal(4, x.size(-1));
        Assert.Equal(4, x.element_size());
        Assert.Equal(4, x.select(0, 0).select(0, 1).storage_offset());
        Assert.True(x.is_floating_point());
        Assert.False(x.is_integral());
        Assert.Contains("2x3x4", x.ToString(), StringComparison.Ordinal);
    }
}
