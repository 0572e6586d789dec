using TorchSharp;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Tests.TorchSharp;

/// <summary>Indexing as Python's, read and written, on 0…11 in three rows of four.</summary>
public sealed class IndexingTests
{
    private static readonly Dictionary<string, (Func<Tensor, Tensor> Read, long[] Shape, double[] Values)> Cases = new()
    {
        ["x[1]"] = (x => x[1], [4], [4, 5, 6, 7]),
        ["x[-1]"] = (x => x[-1], [4], [8, 9, 10, 11]),
        ["x[1, 2]"] = (x => x[1, 2], [], [6]),
        ["x[:, 1]"] = (x => x[TensorIndex.Colon, 1], [3], [1, 5, 9]),
        ["x[..., -1]"] = (x => x[TensorIndex.Ellipsis, -1], [3], [3, 7, 11]),
        ["x[1:, :2]"] = (x => x[TensorIndex.Slice(1), TensorIndex.Slice(stop: 2)], [2, 2], [4, 5, 8, 9]),
        ["x[:, ::2]"] = (x => x[TensorIndex.Colon, TensorIndex.Slice(step: 2)], [3, 2], [0, 2, 4, 6, 8, 10]),
        ["x[-2:]"] = (x => x[TensorIndex.Slice(-2)], [2, 4], [4, 5, 6, 7, 8, 9, 10, 11]),
        ["x[0..2, ^1]"] = (x => x[0..2, ^1], [2], [3, 7]),
        ["x[None, 0]"] = (x => x[TensorIndex.None, 0], [1, 4], [0, 1, 2, 3]),
        ["x[0, None]"] = (x => x[0, TensorIndex.None], [1, 4], [0, 1, 2, 3]),
        ["x[[2, 0]]"] = (x => x[torch.tensor(new long[] { 2, 0 })], [2, 4], [8, 9, 10, 11, 0, 1, 2, 3]),
        ["x[[0, 1], [2, 3]]"] = (x => x[torch.tensor(new long[] { 0, 1 }), torch.tensor(new long[] { 2, 3 })], [2], [2, 7]),
        ["x[:, [3, 0]]"] = (x => x[TensorIndex.Colon, TensorIndex.Tensor(torch.tensor(new long[] { 3, 0 }))], [3, 2], [3, 0, 7, 4, 11, 8]),
        ["x[x > 8]"] = (x => x[TensorIndex.Tensor(x > 8)], [3], [9, 10, 11]),
        ["x[mask, 1]"] = (x => x[TensorIndex.Tensor(torch.tensor(new[] { true, false, true })), 1], [2], [1, 9]),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Reads(string name)
    {
        using var scope = NewDisposeScope();
        var (read, shape, values) = Cases[name];
        var found = read(Grid());
        Assert.Equal(shape, found.shape);
        Assert.Equal(values, found.data<double>().ToArray());
    }

    [Fact]
    public void Writes_an_element()
    {
        using var scope = NewDisposeScope();
        var x = Grid();
        x[1, 2] = torch.tensor(60.0);
        Assert.Equal([0, 1, 2, 3, 4, 5, 60, 7, 8, 9, 10, 11], x.data<double>().ToArray());
    }

    [Fact]
    public void Writes_a_slice_with_broadcasting()
    {
        using var scope = NewDisposeScope();
        var x = Grid();
        x[TensorIndex.Colon, TensorIndex.Slice(1, 3)] = torch.tensor(-1.0);
        Assert.Equal([0, -1, -1, 3, 4, -1, -1, 7, 8, -1, -1, 11], x.data<double>().ToArray());
    }

    [Fact]
    public void Writes_rows_named_by_a_tensor()
    {
        using var scope = NewDisposeScope();
        var x = Grid();
        x[torch.tensor(new long[] { 2, 0 })] = torch.tensor(new double[,] { { 1, 1, 1, 1 }, { 2, 2, 2, 2 } });
        Assert.Equal([2, 2, 2, 2, 4, 5, 6, 7, 1, 1, 1, 1], x.data<double>().ToArray());
    }

    [Fact]
    public void Writes_where_a_mask_is_true()
    {
        using var scope = NewDisposeScope();
        var x = Grid();
        x.index_put_(torch.tensor(0.0), TensorIndex.Tensor(x > 2));
        Assert.Equal([0, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0], x.data<double>().ToArray());
    }

    [Fact]
    public void Adds_where_an_index_comes_twice()
    {
        using var scope = NewDisposeScope();
        var x = torch.zeros(3, dtype: float64);
        x.index_put_(torch.tensor(new[] { 1.0, 2.0, 4.0 }), [torch.tensor(new long[] { 1, 1, 2 })], accumulate: true);
        Assert.Equal([0, 3, 4], x.data<double>().ToArray());
    }

    [Fact]
    public void A_value_accessor_reads_and_writes_by_place()
    {
        using var scope = NewDisposeScope();
        var x = Grid();
        var values = x.data<double>();
        Assert.Equal(6, values[1, 2]);
        values[1, 2] = 66;
        Assert.Equal(66, x[1, 2].ToDouble());
        Assert.Equal(12, values.Count);
        Assert.Equal(66, ((double[,])values.ToNDArray())[1, 2]);
    }

    private static Tensor Grid() => torch.arange(12, dtype: float64).reshape(3, 4);
}
