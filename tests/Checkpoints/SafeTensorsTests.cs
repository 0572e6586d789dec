using System.Buffers.Binary;
using System.Text;
using ZeroI2V.Lab.Checkpoints;
using ZeroI2V.Lab.Tests.Backbone;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Tests.Checkpoints;

public sealed class SafeTensorsTests
{
    [Fact]
    public void What_is_written_is_read_again()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        var tensors = new Dictionary<string, Tensor>
        {
            ["a.weight"] = TinyModels.Numbers(1, 1, 2, 3),
            ["a.half"] = TinyModels.Numbers(2, 1, 5).to(ScalarType.Float16),
            ["a.brain"] = TinyModels.Numbers(3, 1, 5).to(ScalarType.BFloat16),
            ["a.double"] = TinyModels.Numbers(4, 1, 2, 1, 2).to(ScalarType.Float64),
            ["a.long"] = tensor(new long[] { long.MinValue, 0, long.MaxValue }),
            ["a.byte"] = tensor(new byte[] { 0, 255 }),
            ["a.scalar"] = TinyModels.Numbers(5, 1, 1).reshape([]),
            ["a.empty"] = zeros(0, 4),
            ["a.transposed"] = TinyModels.Numbers(6, 1, 2, 3).transpose(0, 1),
        };
        string path = folder["x.safetensors"];
        SafeTensors.Write(path, tensors, new Dictionary<string, string> { ["note"] = "Δt \"quoted\"" });

        using WeightSet read = SafeTensors.Read(path);
        Assert.Equal(tensors.Keys.Order(StringComparer.Ordinal), read.Tensors.Keys.Order(StringComparer.Ordinal));
        foreach (var (name, expected) in tensors)
        {
            Assert.Equal(expected.shape, read[name].shape);
            Assert.Equal(expected.dtype, read[name].dtype);
            Assert.True(expected.contiguous().bytes.SequenceEqual(read[name].bytes), name);
        }
        Assert.Equal("Δt \"quoted\"", read.Metadata["note"]);
        Assert.Equal("Δt \"quoted\"", SafeTensors.ReadMetadata(path)["note"]);
        Assert.Equal(["x.safetensors"], Directory.GetFiles(folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void The_header_has_the_published_layout()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        SafeTensors.Write(folder["x"], new Dictionary<string, Tensor> { ["b"] = tensor(new byte[] { 7 }), ["a"] = tensor(new[] { 1f }) });
        byte[] bytes = File.ReadAllBytes(folder["x"]);
        int length = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        Assert.Equal("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[1],"data_offsets":[4,5]}}""", Encoding.UTF8.GetString(bytes, 8, length).TrimEnd(' '));
        Assert.Equal(0, length % 8);
        Assert.Equal([0, 0, 0x80, 0x3f, 7], bytes[(8 + length)..]);
    }

    [Fact]
    public void A_failed_write_leaves_the_old_file()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        string path = folder.Write("x.safetensors", "old"u8);
        var freed = TinyModels.Numbers(1, 1, 2);
        freed.Dispose();
        Assert.ThrowsAny<Exception>(() => SafeTensors.Write(path, new Dictionary<string, Tensor> { ["a"] = freed }));
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    public static TheoryData<string, string, int, CheckpointFault> Hostile() => new()
    {
        { "no object", "[1]", 0, CheckpointFault.Malformed },
        { "empty header", "", 0, CheckpointFault.Malformed },
        { "broken JSON", """{"a":""", 0, CheckpointFault.Malformed },
        { "two objects", "{}{}", 0, CheckpointFault.Malformed },
        { "deep nesting", """{"a":[[[[[[[[[[]]]]]]]]]]}""", 0, CheckpointFault.Malformed },
        { "unknown key", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}}""", 4, CheckpointFault.Malformed },
        { "no shape", """{"a":{"dtype":"F32","data_offsets":[0,4]}}""", 4, CheckpointFault.Malformed },
        { "three offsets", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}}""", 4, CheckpointFault.Malformed },
        { "negative size", """{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, CheckpointFault.Malformed },
        { "fractional size", """{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", 4, CheckpointFault.Malformed },
        { "metadata of numbers", """{"__metadata__":{"a":1}}""", 0, CheckpointFault.Malformed },
        { "metadata no object", """{"__metadata__":"a"}""", 0, CheckpointFault.Malformed },
        { "one name twice", """{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}""", 2, CheckpointFault.DuplicateName },
        { "shape twice", """{"a":{"dtype":"U8","shape":[1],"shape":[2],"data_offsets":[0,1]}}""", 1, CheckpointFault.DuplicateName },
        { "unknown element type", """{"a":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}}""", 1, CheckpointFault.ElementType },
        { "wrong number of bytes", """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, CheckpointFault.Size },
        { "size overflow", """{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}""", 0, CheckpointFault.Size },
        { "overlap", """{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}""", 3, CheckpointFault.Offsets },
        { "gap", """{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}""", 3, CheckpointFault.Offsets },
        { "ends before it starts", """{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"b":{"dtype":"U8","shape":[1],"data_offsets":[1,0]}}""", 1, CheckpointFault.Offsets },
        { "bytes left over", """{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}""", 2, CheckpointFault.Offsets },
        { "too few bytes", """{"a":{"dtype":"U8","shape":[9],"data_offsets":[0,9]}}""", 8, CheckpointFault.Truncated },
        { "terabytes announced", """{"a":{"dtype":"U8","shape":[1099511627776],"data_offsets":[0,1099511627776]}}""", 8, CheckpointFault.Truncated },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Hostile_headers_are_refused(string what, string header, int data, CheckpointFault expected)
    {
        using var folder = new TemporaryFolder();
        byte[] json = Encoding.UTF8.GetBytes(header);
        string path = folder.Write("hostile.safetensors", [.. BitConverter.GetBytes((long)json.Length), .. json, .. new byte[data]]);
        CheckpointException error = Assert.Throws<CheckpointException>(() => SafeTensors.Read(path).Dispose());
        Assert.True(expected == error.Fault, $"{what}: {error.Fault}, {error.Message}");
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, CheckpointFault.Truncated)]
    [InlineData(7, CheckpointFault.Truncated)]
    public void A_file_without_its_length_is_refused(int bytes, CheckpointFault expected)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("short", new byte[bytes]);
        Assert.Equal(expected, Assert.Throws<CheckpointException>(() => SafeTensors.Read(path).Dispose()).Fault);
    }

    [Theory]
    [InlineData(ulong.MaxValue, CheckpointFault.TooLarge)]
    [InlineData(100_000_001UL, CheckpointFault.TooLarge)]
    [InlineData(99_000_000UL, CheckpointFault.Truncated)]
    public void A_lying_header_length_allocates_nothing(ulong length, CheckpointFault expected)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("lying", [.. BitConverter.GetBytes(length), (byte)'{', (byte)'}']);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(expected, Assert.Throws<CheckpointException>(() => SafeTensors.Read(path).Dispose()).Fault);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1_000_000);
    }

    [Fact]
    public void More_tensors_than_any_model_has_are_refused_before_one_is_made()
    {
        using var folder = new TemporaryFolder();
        string entries = string.Join(',', Enumerable.Range(0, 200_001).Select(i => $"\"{i}\":" + """{"dtype":"U8","shape":[0],"data_offsets":[0,0]}"""));
        byte[] json = Encoding.UTF8.GetBytes($"{{{entries}}}");
        string path = folder.Write("many", [.. BitConverter.GetBytes((long)json.Length), .. json]);
        Assert.Equal(CheckpointFault.TooLarge, Assert.Throws<CheckpointException>(() => SafeTensors.Read(path).Dispose()).Fault);
    }

    [Fact]
    public void Every_truncation_of_a_good_file_is_noticed()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        SafeTensors.Write(folder["good"], new Dictionary<string, Tensor> { ["a"] = TinyModels.Numbers(1, 1, 3), ["b"] = TinyModels.Numbers(2, 1, 2) });
        byte[] good = File.ReadAllBytes(folder["good"]);
        for (int length = 0; length < good.Length; length++)
        {
            string path = folder.Write("cut", good.AsSpan(0, length));
            Assert.Throws<CheckpointException>(() => SafeTensors.Read(path).Dispose());
        }
    }
}
