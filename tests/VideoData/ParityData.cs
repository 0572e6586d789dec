using System.IO.Compression;
using System.Text.Json;
using ZeroI2V.Lab.VideoData;

namespace ZeroI2V.Lab.Tests.VideoData;

/// <summary>Numbers of a reference implementation, from tests/assets/parity-data.</summary>
internal static class ParityData
{
    public static byte[] Bytes(string name)
    {
        using FileStream file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "assets", "parity-data", name + ".gz"));
        using var unpacked = new GZipStream(file, CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        unpacked.CopyTo(bytes);
        return bytes.ToArray();
    }

    public static JsonElement Json(string name) => JsonDocument.Parse(Bytes(name)).RootElement;

    public static int Int(this JsonElement element, string name) => element.GetProperty(name).GetInt32();

    public static int[] Ints(this JsonElement element, string name) => element.GetProperty(name).Ints();

    public static int[] Ints(this JsonElement element) => [.. element.EnumerateArray().Select(number => number.GetInt32())];

    public static CropBox Box(this JsonElement element, string name) => element.GetProperty(name).Ints() is [int l, int t, int r, int b]
        ? new CropBox(l, t, r, b)
        : throw new InvalidDataException(name);

    /// <summary>Sum over i of (i+1)*index[i], modulo 1000003.</summary>
    public static int Checksum(int[] indices) => (int)(indices.Select((index, i) => (i + 1L) * index).Sum() % 1000003);

    /// <summary>Gives prescribed choices and checks that they are asked for from the right range.</summary>
    public sealed class Replay : IDraws
    {
        private readonly Queue<(double Low, double High, double Value)> _choices = new();

        public Replay Then(double low, double high, params IEnumerable<double> values)
        {
            foreach (double value in values)
                _choices.Enqueue((low, high, value));
            return this;
        }

        public void ExpectEnd() => Assert.Empty(_choices);

        public int Whole(int low, int high) => (int)Real(low, high);

        public double Real(double low, double high)
        {
            (double expectedLow, double expectedHigh, double value) = _choices.Dequeue();
            Assert.Equal((expectedLow, expectedHigh), (low, high));
            return value;
        }
    }
}
