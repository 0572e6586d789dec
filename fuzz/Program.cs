using System.Diagnostics;
using System.Globalization;
using ZeroI2V.Lab.Files;
using ZeroI2V.Lab.Fuzz;

// Damaged and lying weight files against every reader. Arguments: [minutes] [seed].
double minutes = args.Length > 0 ? double.Parse(args[0], CultureInfo.InvariantCulture) : 2;
int seed = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : Environment.TickCount;
string folder = Path.GetFullPath(Path.Combine("runs", "fuzz"));
Directory.CreateDirectory(folder);
Console.WriteLine($"Seed {seed}, {minutes} minutes, findings in {folder}");

int cases = 0, findings = 0;
var clock = Stopwatch.StartNew();
TimeSpan told = TimeSpan.Zero, slowest = TimeSpan.Zero, last = TimeSpan.Zero;
foreach (Finding finding in FuzzRun.Cases(seed, folder, GoOn, alone: true))
{
    string path = Path.Combine(folder, $"finding-{++findings}");
    File.WriteAllBytes(path, finding.Bytes);
    Console.WriteLine($"{path} (SHA-256 {FileHash.Sha256(path)[..8]}): {finding.What}");
}
File.Delete(Path.Combine(folder, "case"));
Console.WriteLine($"{cases} cases, {findings} findings; the slowest case took {slowest.TotalSeconds:f2} s. Once mended, a finding belongs into fuzz/corpus.");
return findings == 0 ? 0 : 1;

bool GoOn(int number)
{
    cases = number;
    if (number > 0 && clock.Elapsed - last > slowest)
        slowest = clock.Elapsed - last;
    last = clock.Elapsed;
    if (clock.Elapsed - told > TimeSpan.FromSeconds(15))
    {
        told = clock.Elapsed;
        Console.WriteLine($"{told.TotalSeconds:f0} s: {number} cases, {findings} findings");
    }
    return clock.Elapsed.TotalMinutes < minutes;
}
