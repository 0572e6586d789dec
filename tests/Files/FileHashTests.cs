using ZeroI2V.Lab.Files;

namespace ZeroI2V.Lab.Tests.Files;

public sealed class FileHashTests
{
    [Fact]
    public void The_hash_is_the_published_one_of_a_known_text()
    {
        using var folder = new TemporaryFolder();
        // The example of FIPS 180-2.
        Assert.Equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", FileHash.Sha256(folder.Write("abc", "abc"u8)));
        Assert.Equal("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", FileHash.Sha256(folder.Write("empty", [])));
    }
}
