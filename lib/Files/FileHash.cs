using System.Security.Cryptography;

namespace ZeroI2V.Lab.Files;

/// <summary>The fingerprint by which a file is known in manifests, provenance and reports.</summary>
public static class FileHash
{
    /// <summary>SHA-256 of a file's content, read in pieces.</summary>
    /// <param name="path">The file.</param>
    /// <returns>64 lower-case hexadecimal digits.</returns>
    public static string Sha256(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
