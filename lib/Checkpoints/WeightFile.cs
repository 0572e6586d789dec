using System.Buffers.Binary;

namespace ZeroI2V.Lab.Checkpoints;

/// <summary>Reads a weight file in any format that the lab knows, told by its content, not by its name.</summary>
public static class WeightFile
{
    /// <summary>Reads safetensors, PyTorch's archives and older files, and TorchScript archives.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="CheckpointException">The file is damaged or in none of these formats.</exception>
    public static WeightSet Read(string path)
    {
        Span<byte> start = stackalloc byte[9];
        int length;
        using (FileStream stream = File.OpenRead(path))
            length = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        if (length >= 4 && BinaryPrimitives.ReadUInt32LittleEndian(start) == 0x04034b50)
            return TorchFile.Read(path);
        if (length == 9 && start[8] == (byte)'{')
            return SafeTensors.Read(path);
        if (length >= 2 && start[0] == 0x80 && start[1] is >= 2 and <= 5)
            return TorchFile.Read(path);
        throw new CheckpointException(CheckpointFault.Format, $"{path}: neither safetensors nor a PyTorch file. It may be damaged, or a page that a download gave in its place.");
    }
}
