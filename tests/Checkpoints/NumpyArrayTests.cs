using System.Text;
using ZeroI2V.Lab.Checkpoints;
using static TorchSharp.torch;

namespace ZeroI2V.Lab.Tests.Checkpoints;

public sealed class NumpyArrayTests
{
    private static byte[] File(string header, int data, byte version = 1)
    {
        byte[] text = Encoding.Latin1.GetBytes(header);
        byte[] length = version == 1 ? BitConverter.GetBytes((ushort)text.Length) : BitConverter.GetBytes(text.Length);
        return [0x93, .. "NUMPY"u8, version, 0, .. length, .. text, .. Enumerable.Range(0, data).Select(i => (byte)i)];
    }

    [Theory]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }   \n", 24, 1)]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n", 24, 2)]
    public void Arrays_are_read(string header, int data, byte version)
    {
        using var folder = new TemporaryFolder();
        using Tensor array = NumpyArray.Read(folder.Write("a.npy", File(header, data, version)));
        Assert.Equal([2, 3], array.shape);
        Assert.Equal(ScalarType.Float32, array.dtype);
        Assert.Equal(BitConverter.ToSingle([20, 21, 22, 23]), array.data<float>().ToArray()[5]);
    }

    [Fact]
    public void Scalars_and_vectors_have_shapes_of_their_own()
    {
        using var folder = new TemporaryFolder();
        using Tensor scalar = NumpyArray.Read(folder.Write("a.npy", File("{'descr': '<i8', 'fortran_order': False, 'shape': (), }\n", 8)));
        Assert.Empty(scalar.shape);
        using Tensor vector = NumpyArray.Read(folder.Write("b.npy", File("{'descr': '|u1', 'fortran_order': False, 'shape': (3,), }\n", 3)));
        Assert.Equal([0, 1, 2], vector.data<byte>().ToArray());
    }

    [Theory]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n", 23, CheckpointFault.Size)]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n", 25, CheckpointFault.Size)]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4), }\n", 0, CheckpointFault.Size)]
    [InlineData("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }\n", 24, CheckpointFault.Malformed)]
    [InlineData("{'descr': '>f4', 'fortran_order': False, 'shape': (1,), }\n", 4, CheckpointFault.ElementType)]
    [InlineData("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n", 8, CheckpointFault.ElementType)]
    [InlineData("__import__('os').system('ls')\n", 8, CheckpointFault.Malformed)]
    public void Hostile_arrays_are_refused(string header, int data, CheckpointFault expected)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("a.npy", File(header, data));
        Assert.Equal(expected, Assert.Throws<CheckpointException>(() => NumpyArray.Read(path).Dispose()).Fault);
    }

    [Fact]
    public void Short_files_are_refused()
    {
        using var folder = new TemporaryFolder();
        byte[] good = File("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }\n", 4);
        for (int length = 0; length < good.Length; length++)
        {
            string path = folder.Write("a.npy", good.AsSpan(0, length));
            Assert.Throws<CheckpointException>(() => NumpyArray.Read(path).Dispose());
        }
    }
}
