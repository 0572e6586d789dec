using System.Text.Json;

namespace FFMpegCore;

/// <summary>The options used where a call names none; read from <c>ffmpeg.config.json</c> where that file is.</summary>
public static class GlobalFFOptions
{
    private const string ConfigFile = "ffmpeg.config.json";
    private static FFOptions? s_current;

    /// <summary>The options in force.</summary>
    public static FFOptions Current => s_current ??= File.Exists(ConfigFile)
        ? JsonSerializer.Deserialize<FFOptions>(File.ReadAllText(ConfigFile))!
        : new FFOptions();

    /// <summary>Changes the options in force.</summary>
    public static void Configure(Action<FFOptions> optionsAction) => optionsAction(Current);

    /// <summary>Replaces the options in force.</summary>
    public static void Configure(FFOptions ffOptions) =>
        s_current = ffOptions ?? throw new ArgumentNullException(nameof(ffOptions));

    /// <summary>The file or the command name of ffmpeg.</summary>
    public static string GetFFMpegBinaryPath(FFOptions? ffOptions = null) => BinaryPath("ffmpeg", ffOptions ?? Current);

    /// <summary>The file or the command name of ffprobe.</summary>
    public static string GetFFProbeBinaryPath(FFOptions? ffOptions = null) => BinaryPath("ffprobe", ffOptions ?? Current);

    private static string BinaryPath(string name, FFOptions options)
    {
        string program = OperatingSystem.IsWindows() ? name + ".exe" : name;
        string architecture = Environment.Is64BitProcess ? "x64" : "x86";
        foreach (string folder in (string[])[Path.Combine(options.BinaryFolder, architecture), options.BinaryFolder])
        {
            string candidate = Path.Combine(folder, program);
            if (File.Exists(candidate))
                return candidate;
        }
        return program;
    }
}
