using System.IO.Compression;
using ZeroI2V.Lab.Checkpoints;
using ZeroI2V.Lab.Fuzz;

namespace ZeroI2V.Lab.Tests.Checkpoints;

public sealed class TorchFileTests
{
    private static readonly float[] Six = [1, 2, 3, 4, 5, 6];

    private static PickleWriter Dict() => new PickleWriter().Op('}').Op('(');

    [Fact]
    public void Tensors_and_plain_metadata_are_read()
    {
        byte[] zip = Dict()
            .Text("meta").Op('}').Op('(').Text("epoch").Int(3).Text("cfg").Text("model = dict()").Op('u')
            .Text("state_dict").Global("collections", "OrderedDict").Op(')').Op('R').Op('(')
            .Text("a").Tensor("0", 6, 0, [2, 3], [3, 1])
            .Text("b").Tensor("1", 1, 0, [], [])
            .Op('u')
            .Op('}').Text("_metadata").Op('}').Op('s').Op('b')
            .Op('u')
            .Zip(("0", Six), ("1", [9]));
        using WeightSet read = Read(zip);
        Assert.Equal(["a", "b"], read.Tensors.Keys.Order(StringComparer.Ordinal));
        Assert.Equal([2, 3], read["a"].shape);
        Assert.Equal(Six, read["a"].data<float>().ToArray());
        Assert.Empty(read["b"].shape);
        Assert.Equal(9, read["b"].item<float>());
        Assert.Equal("3", read.Metadata["meta.epoch"]);
        Assert.Equal("model = dict()", read.Metadata["meta.cfg"]);
    }

    [Fact]
    public void Views_of_a_storage_are_read_in_their_own_order()
    {
        byte[] zip = Dict()
            .Text("transposed").Tensor("0", 6, 0, [3, 2], [1, 3])
            .Text("tail").Tensor("0", 6, 4, [2], [1])
            .Text("every second").Tensor("0", 6, 1, [3], [2])
            .Op('u').Zip(("0", Six));
        using WeightSet read = Read(zip);
        Assert.Equal([1, 4, 2, 5, 3, 6], read["transposed"].data<float>().ToArray());
        Assert.Equal([5, 6], read["tail"].data<float>().ToArray());
        Assert.Equal([2, 4, 6], read["every second"].data<float>().ToArray());
    }

    [Fact]
    public void Later_protocols_are_read_too()
    {
        // Protocol 4: frame, short texts, memoised, a class by two texts.
        byte[] pickle =
        [
            0x80, 4, 0x95, 0, 0, 0, 0, 0, 0, 0, 0,
            (byte)'}', 0x94, (byte)'(',
            0x8c, 1, (byte)'a', 0x94,
            .. new PickleWriter().Tensor("0", 6, 0, [6], [1]).Bytes()[2..^1],
            0x8c, 1, (byte)'b', 0x8c, 11, .. "collections"u8, 0x8c, 11, .. "OrderedDict"u8, 0x93, (byte)')', (byte)'R', (byte)'0', (byte)'0',
            (byte)'u', (byte)'.',
        ];
        using WeightSet read = Read(PickleWriter.Zip(pickle, ("0", Six)));
        Assert.Equal(Six, read["a"].data<float>().ToArray());
    }

    [Theory]
    [InlineData("os", "system")]
    [InlineData("posix", "system")]
    [InlineData("builtins", "eval")]
    [InlineData("torch", "load")]
    [InlineData("torch._utils", "_rebuild_something")]
    [InlineData("mmengine.logging.message_hub", "MessageHub")]
    public void Classes_outside_the_closed_list_are_refused_by_name(string module, string name)
    {
        byte[] zip = Dict().Text("a").Global(module, name).Text("touch /tmp/owned").Raw(0x85).Op('R').Op('u').Zip();
        CheckpointException error = Refused(zip, CheckpointFault.ForeignClass);
        Assert.Contains($"{module}.{name}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_class_named_by_two_texts_is_refused_as_well()
    {
        byte[] zip = Dict().Text("a").Text("os").Text("system").Raw(0x93).Op('u').Zip();
        Assert.Contains("os.system", Refused(zip, CheckpointFault.ForeignClass).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_training_saved_beside_its_weights_is_passed_over_and_named()
    {
        byte[] zip = Dict()
            .Text("state_dict").Op('}').Text("a").Tensor("0", 6, 0, [6], [1]).Op('s')
            .Text("message_hub").Global("mmengine", "MessageHub").Op(')').Raw(0x81).Op('}').Text("x").Int(1).Op('s').Op('b')
            .Text("optimizer").Op('}').Text("state").Op('}').Int(0).Op('}').Text("exp_avg").Tensor("missing", 6, 0, [6], [1]).Op('s').Op('s').Op('s')
            .Text("command").Global("os", "system").Text("touch /tmp/owned").Raw(0x85).Op('R')
            .Op('u').Zip(("0", Six));
        using WeightSet read = Read(zip);
        Assert.Equal(["a"], read.Tensors.Keys);
        Assert.Equal(["message_hub", "optimizer", "command", "mmengine.MessageHub", "os.system"], read.PassedOver);
    }

    public static TheoryData<string, byte[], CheckpointFault> Hostile()
    {
        byte[] good = Dict().Text("a").Tensor("0", 6, 0, [6], [1]).Op('u').Bytes();
        return new()
        {
            { "no zip", [.. "PK\x03\x04 and then nothing"u8], CheckpointFault.Truncated },
            { "a zip without data.pkl", PickleWriter.Zip([("archive/other", good)]), CheckpointFault.Format },
            { "data.pkl outside a folder", PickleWriter.Zip([("data.pkl", good)]), CheckpointFault.Format },
            { "a path that leads out", PickleWriter.Zip([("../../data.pkl", good), ("../../data/0", new byte[24])]), CheckpointFault.Format },
            { "one entry twice", PickleWriter.Zip([("archive/data.pkl", good), ("archive/data/0", new byte[24]), ("archive/data/0", new byte[24])]), CheckpointFault.DuplicateName },
            { "storage missing", PickleWriter.Zip(good), CheckpointFault.EntryMissing },
            { "storage too short", PickleWriter.Zip(good, ("0", [1])), CheckpointFault.Size },
            { "storage too long", PickleWriter.Zip(good, ("0", new float[7])), CheckpointFault.Size },
            { "storage compressed", PickleWriter.Zip([("archive/data.pkl", good), ("archive/data/0", new byte[24])], CompressionLevel.SmallestSize), CheckpointFault.Malformed },
            { "big-endian", PickleWriter.Zip([("archive/data.pkl", good), ("archive/byteorder", [.. "big"u8]), ("archive/data/0", new byte[24])]), CheckpointFault.Format },
            { "a pickle that unpacks to more than is read", PickleWriter.Zip([("archive/data.pkl", new byte[17 << 20])], CompressionLevel.SmallestSize), CheckpointFault.TooLarge },
            { "no pickle", PickleWriter.Zip([1, 2, 3]), CheckpointFault.Malformed },
            { "empty pickle", PickleWriter.Zip(Array.Empty<byte>()), CheckpointFault.Malformed },
            { "protocol 0", PickleWriter.Zip([.. "cos\nsystem\n(S'ls'\ntR."u8]), CheckpointFault.Malformed },
            { "unknown instruction", new PickleWriter().Raw(0xff).Zip(), CheckpointFault.Instruction },
            { "instruction of extensions", new PickleWriter().Raw(0x82, 1).Zip(), CheckpointFault.Instruction },
            { "old-style instance", new PickleWriter().Op('(').Raw([.. "ios\nsystem\n"u8]).Zip(), CheckpointFault.Instruction },
            { "stack underflow", new PickleWriter().Op('s').Zip(), CheckpointFault.Malformed },
            { "mark underflow", new PickleWriter().Op('t').Zip(), CheckpointFault.Malformed },
            { "reaching under a mark", new PickleWriter().Int(1).Op('(').Raw(0x85).Zip(), CheckpointFault.Malformed },
            { "recall of nothing", new PickleWriter().Raw((byte)'h', 5).Zip(), CheckpointFault.Malformed },
            { "two values left", new PickleWriter().Int(1).Int(2).Zip(), CheckpointFault.Malformed },
            { "text longer than the file", new PickleWriter().Raw((byte)'X', 0xff, 0xff, 0xff, 0x7f).Zip(), CheckpointFault.Truncated },
            { "text of eight-byte length", new PickleWriter().Raw(0x8d, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f).Zip(), CheckpointFault.Truncated },
            { "text that is no UTF-8", new PickleWriter().Raw((byte)'X', 1, 0, 0, 0, 0xff).Zip(), CheckpointFault.Malformed },
            { "name without end", PickleWriter.Zip([0x80, 2, (byte)'c', (byte)'o', (byte)'s']), CheckpointFault.Truncated },
            { "a number of 200 bytes", new PickleWriter().Raw([0x8a, 200, .. new byte[200]]).Zip(), CheckpointFault.Malformed },
            { "a list as a key", Dict().Op(']').Int(1).Op('u').Zip(), CheckpointFault.Malformed },
            { "a call of a number", new PickleWriter().Int(1).Op(')').Op('R').Zip(), CheckpointFault.Malformed },
            { "state of a number", new PickleWriter().Int(1).Op('}').Op('b').Zip(), CheckpointFault.Malformed },
            { "a storage outside", new PickleWriter().Text("/etc/passwd").Op('Q').Zip(), CheckpointFault.Malformed },
            { "no tensor at all", new PickleWriter().Op('}').Zip(), CheckpointFault.NoWeights },
            { "a number instead of weights", new PickleWriter().Int(7).Zip(), CheckpointFault.NoWeights },
            { "text among weights", Dict().Text("state_dict").Op('}').Text("a").Text("b").Op('s').Op('u').Zip(), CheckpointFault.NoWeights },
            { "offset past the storage", Dict().Text("a").Tensor("0", 6, 7, [0], [1]).Op('u').Zip(("0", Six)), CheckpointFault.Offsets },
            { "view past the storage", Dict().Text("a").Tensor("0", 6, 1, [6], [1]).Op('u').Zip(("0", Six)), CheckpointFault.Offsets },
            { "stride past the storage", Dict().Text("a").Tensor("0", 6, 0, [2], [int.MaxValue]).Op('u').Zip(("0", Six)), CheckpointFault.Offsets },
            { "negative stride", Dict().Text("a").Tensor("0", 6, 5, [6], [-1]).Op('u').Zip(("0", Six)), CheckpointFault.Offsets },
            { "shape without stride", Dict().Text("a").Tensor("0", 6, 0, [6], []).Op('u').Zip(("0", Six)), CheckpointFault.Offsets },
            { "a large tensor by stride 0", Dict().Text("a").Tensor("0", 6, 0, [int.MaxValue, int.MaxValue], [0, 0]).Op('u').Zip(("0", Six)), CheckpointFault.Size },
            { "negative size", Dict().Text("a").Tensor("0", 6, 0, [-6], [1]).Op('u').Zip(("0", Six)), CheckpointFault.Size },
            { "unknown storage class", Dict().Text("a").Tensor("0", 6, 0, [6], [1], "QInt8Storage").Op('u').Zip(("0", Six)), CheckpointFault.ForeignClass },
        };
    }

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Hostile_archives_are_refused(string what, byte[] file, CheckpointFault expected)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("hostile.pth", file);
        CheckpointException error = Assert.Throws<CheckpointException>(() => TorchFile.Read(path).Dispose());
        Assert.True(expected == error.Fault, $"{what}: {error.Fault}, {error.Message}");
    }

    private static PickleWriter LegacyWeights() => Dict().Text("state_dict").Op('}').Op('(')
        .Text("a").LegacyTensor("941", 6, [3, 2], [1, 3])
        .Text("b").LegacyTensor("942", 1, [], [])
        .Op('u').Text("epoch").Int(3).Op('u');

    [Fact]
    public void Files_from_before_archives_are_read()
    {
        using var folder = new TemporaryFolder();
        using WeightSet read = WeightFile.Read(folder.Write("old.pth", LegacyWeights().Legacy(("942", [9]), ("941", Six))));
        Assert.Equal([1, 4, 2, 5, 3, 6], read["a"].data<float>().ToArray());
        Assert.Equal(9, read["b"].item<float>());
        Assert.Equal(["epoch"], read.PassedOver);
    }

    [Fact]
    public void Every_truncation_and_addition_of_a_file_from_before_archives_is_noticed()
    {
        byte[] good = LegacyWeights().Legacy(("942", [9]), ("941", Six));
        using var folder = new TemporaryFolder();
        for (int length = 0; length < good.Length; length++)
        {
            string path = folder.Write("cut.pth", good.AsSpan(0, length));
            Assert.Throws<CheckpointException>(() => TorchFile.Read(path).Dispose());
        }
        Refused([.. good, 0], CheckpointFault.Offsets);
    }

    public static TheoryData<string, byte[], CheckpointFault> HostileLegacy()
    {
        byte[] good = LegacyWeights().Legacy(("942", [9]), ("941", Six));
        byte[] lying = [.. good];
        // The number of elements of the last storage.
        BitConverter.TryWriteBytes(lying.AsSpan(lying.Length - 32), 1L << 60);
        byte[] longer = [.. good];
        BitConverter.TryWriteBytes(longer.AsSpan(longer.Length - 32), 5L);
        return new()
        {
            { "another mark", [0x80, 2, 0x8a, 10, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1, (byte)'.'], CheckpointFault.Format },
            { "another pickle", [0x80, 2, (byte)'}', (byte)'.'], CheckpointFault.Format },
            { "big-endian", LegacyWeights().Legacy(littleEndian: false, ("942", [9]), ("941", Six)), CheckpointFault.Format },
            { "a storage of terabytes", lying, CheckpointFault.Truncated },
            { "a storage shorter than its tensor, bytes left over", longer, CheckpointFault.Offsets },
            { "a storage missing", LegacyWeights().Legacy(("941", Six)), CheckpointFault.EntryMissing },
            { "a storage twice", LegacyWeights().Legacy(("942", [9]), ("942", [9]), ("941", Six)), CheckpointFault.DuplicateName },
            { "a storage of nothing", LegacyWeights().Legacy(("942", [9]), ("941", Six), ("943", [1])), CheckpointFault.Malformed },
            { "a storage of another length", LegacyWeights().Legacy(("942", [9, 9]), ("941", Six)), CheckpointFault.Size },
            { "one storage in two ways", Dict().Text("a").LegacyTensor("1", 6, [6], [1]).Text("b").LegacyTensor("1", 3, [3], [1], "DoubleStorage").Op('u').Legacy(("1", Six)), CheckpointFault.Size },
            { "a part of a storage", Dict().Text("a").Op('(').Text("storage").Global("torch", "FloatStorage").Text("1").Text("cpu").Int(6).Int(1).Op('t').Op('Q').Op('u').Legacy(("1", Six)), CheckpointFault.Malformed },
            { "a class", Dict().Text("a").Global("os", "system").Text("ls").Raw(0x85).Op('R').Op('u').Legacy(), CheckpointFault.ForeignClass },
        };
    }

    [Theory]
    [MemberData(nameof(HostileLegacy))]
    public void Hostile_files_from_before_archives_are_refused(string what, byte[] file, CheckpointFault expected)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("hostile.pth", file);
        CheckpointException error = Assert.Throws<CheckpointException>(() => TorchFile.Read(path).Dispose());
        Assert.True(expected == error.Fault, $"{what}: {error.Fault}, {error.Message}");
    }

    [Theory]
    [InlineData("model")]
    [InlineData("model_state_dict")]
    public void Weights_are_found_where_other_programs_put_them(string key)
    {
        byte[] zip = Dict().Text(key).Op('}').Text("a").Tensor("0", 6, 0, [6], [1]).Op('s').Text("next_epoch").Int(3).Op('u').Zip(("0", Six));
        using WeightSet read = Read(zip);
        Assert.Equal(["a"], read.Tensors.Keys);
        Assert.Equal(["next_epoch"], read.PassedOver);
    }

    [Fact]
    public void The_records_of_a_training_are_walked_over_as_numpy_and_openmmlab_pickle_them()
    {
        // A history of numpy numbers, a method by getattr, a tensor of elements that the lab does not hold, an object with
        // arguments by name, a number beyond 64 bits.
        byte[] zip = Dict()
            .Text("state_dict").Op('}').Text("a").Tensor("0", 6, 0, [6], [1]).Op('s')
            .Text("message_hub").Op('}').Op('(')
                .Text("loss").Global("copy_reg", "_reconstructor").Op('(').Global("mmengine.logging.history_buffer", "HistoryBuffer").Global("__builtin__", "object").Op('N').Op('t').Op('R')
                    .Op('}').Text("_log_history").Global("numpy.core.multiarray", "_reconstruct").Op('(').Global("numpy", "ndarray").Ints(0).Text("b").Op('t').Op('R')
                    .Op('(').Int(1).Ints(1).Global("numpy", "dtype").Op('(').Text("f8").Int(0).Int(1).Op('t').Op('R').Raw(0x89).Text("12345678").Op('t').Op('b').Op('s').Op('b')
                .Text("method").Global("__builtin__", "getattr").Op('(').Global("mmengine.logging.history_buffer", "HistoryBuffer").Text("min").Op('t').Op('R')
                .Text("quantised").Tensor("5", 6, 0, [6], [1], "QUInt8Storage")
                .Text("named").Global("a", "B").Op(')').Op('}').Raw(0x92)
                .Text("large").Raw(0x8a, 10, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1)
            .Op('u')
            .Op('u').Zip(("0", Six));
        using WeightSet read = Read(zip);
        Assert.Equal(Six, read["a"].data<float>().ToArray());
        Assert.Contains("mmengine.logging.history_buffer.HistoryBuffer", read.PassedOver);
        Assert.Contains("torch.QUInt8Storage", read.PassedOver);
    }

    [Fact]
    public void Keys_that_would_hash_alike_do_not_slow_a_dictionary_down()
    {
        // Each number's halves are equal, so the plain hash of all of them is 0: a hundred thousand in one bucket would take minutes.
        var writer = Dict().Text("state_dict").Op('}').Text("a").Tensor("0", 6, 0, [6], [1]).Op('s').Text("x").Op('}').Op('(');
        for (int i = 1; i <= 100_000; i++)
            writer.Raw(0x8a, 8).Raw(BitConverter.GetBytes(((long)i << 32) | (uint)i)).Op('N');
        using WeightSet read = Read(writer.Op('u').Op('u').Zip(("0", Six)));
        Assert.Equal(["a"], read.Tensors.Keys);
    }

    [Fact]
    public void A_million_containers_inside_one_another_are_no_tensors_and_no_end_of_the_stack()
    {
        const int Depth = 900_000;
        foreach ((char begin, char end, int ends, string kind) in new[] { (']', 'a', Depth - 1, "list"), ('(', 't', Depth, "tuple") })
        {
            byte[] pickle = [0x80, 2, .. Enumerable.Repeat((byte)begin, Depth), .. Enumerable.Repeat((byte)end, ends), (byte)'.'];
            Assert.Contains(kind, Refused(PickleWriter.Zip(pickle), CheckpointFault.NoWeights).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Names_of_entries_never_become_paths()
    {
        using var folder = new TemporaryFolder();
        byte[] zip = PickleWriter.Zip(
        [
            ("archive/data.pkl", Dict().Text("a").Tensor("../../../escaped", 6, 0, [6], [1]).Op('u').Bytes()),
            ("archive/data/../../../escaped", new byte[24]),
            ("/etc/escaped", new byte[24]),
            ("archive/..\\..\\escaped", new byte[24]),
        ]);
        using (WeightSet read = TorchFile.Read(folder.Write("x.pth", zip)))
            Assert.Equal(new float[6], read["a"].data<float>().ToArray());
        Assert.Equal(["x.pth"], Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void A_list_copied_again_and_again_is_stopped()
    {
        // A list of a hundred thousand pairs, made into a new dictionary a thousand times.
        var writer = new PickleWriter().Op(']').Raw((byte)'q', 0).Op('(');
        for (int i = 0; i < 100_000; i++)
            writer.Int(i).Raw(0x88, 0x86);
        writer.Op('e').Op('0').Op(']').Op('(');
        for (int i = 0; i < 1_000; i++)
            writer.Global("collections", "OrderedDict").Raw((byte)'h', 0, 0x85).Op('R');
        Refused(writer.Op('e').Zip(), CheckpointFault.TooLarge);
    }

    [Fact]
    public void One_storage_repeated_to_fill_the_memory_is_stopped()
    {
        var writer = Dict();
        for (int i = 0; i < 100; i++)
            writer.Text($"t{i}").Tensor("0", 100_000, 0, [100_000], [1]);
        CheckpointException error = Refused(writer.Op('u').Zip(("0", new float[100_000])), CheckpointFault.TooLarge);
        Assert.Contains("four times", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Modules_that_hold_themselves_are_stopped()
    {
        byte[] zip = new PickleWriter().Global("__torch__", "M").Op(')').Raw(0x81).Raw((byte)'q', 0)
            .Op('}').Text("m").Raw((byte)'h', 0).Op('s').Op('b').Zip();
        Refused(zip, CheckpointFault.TooLarge);
    }

    [Fact]
    public void Every_truncation_of_a_good_archive_is_noticed()
    {
        byte[] good = Dict().Text("a").Tensor("0", 6, 0, [6], [1]).Op('u').Zip(("0", Six));
        using var folder = new TemporaryFolder();
        for (int length = 0; length < good.Length; length += 3)
        {
            string path = folder.Write("cut.pth", good.AsSpan(0, length));
            Assert.Throws<CheckpointException>(() => TorchFile.Read(path).Dispose());
        }
    }

    [Fact]
    public void Flipped_bytes_give_an_error_or_numbers_but_never_anything_else()
    {
        byte[] good = Dict().Text("a").Tensor("0", 6, 0, [2, 3], [3, 1]).Op('u').Zip(("0", Six));
        using var folder = new TemporaryFolder();
        var random = new Random(5);
        for (int i = 0; i < 400; i++)
        {
            byte[] bad = [.. good];
            for (int flips = random.Next(1, 4); flips > 0; flips--)
                bad[random.Next(bad.Length)] = (byte)random.Next(256);
            string path = folder.Write("flipped.pth", bad);
            try
            {
                using WeightSet read = TorchFile.Read(path);
                Assert.All(read.Tensors.Values, tensor => Assert.True(tensor.NumberOfElements <= 6));
            }
            catch (CheckpointException)
            {
                // What it should be in most cases.
            }
        }
    }

    [Fact]
    public void The_format_is_told_by_content()
    {
        using var folder = new TemporaryFolder();
        byte[] zip = Dict().Text("a").Tensor("0", 6, 0, [6], [1]).Op('u').Zip(("0", Six));
        using (WeightSet read = WeightFile.Read(folder.Write("misnamed.safetensors", zip)))
        {
            Assert.Equal(["a"], read.Tensors.Keys);
            SafeTensors.Write(folder["misnamed.pth"], read.Tensors);
        }
        using (WeightSet read = WeightFile.Read(folder["misnamed.pth"]))
            Assert.Equal(Six, read["a"].data<float>().ToArray());
        foreach (byte[] other in new byte[][] { [], [.. "<html>not found</html>"u8], [0x80, 2, (byte)'}', (byte)'.'] })
            Assert.Equal(CheckpointFault.Format, Assert.Throws<CheckpointException>(() => WeightFile.Read(folder.Write("x", other)).Dispose()).Fault);
    }

    private static WeightSet Read(byte[] zip)
    {
        using var folder = new TemporaryFolder();
        return TorchFile.Read(folder.Write("x.pth", zip));
    }

    private static CheckpointException Refused(byte[] zip, CheckpointFault expected)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("hostile.pth", zip);
        CheckpointException error = Assert.Throws<CheckpointException>(() => TorchFile.Read(path).Dispose());
        Assert.True(expected == error.Fault, error.Message);
        return error;
    }
}
