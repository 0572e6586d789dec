using System.Reflection;

namespace ZeroI2V.Lab.Tests.Packages;

/// <summary>A stand-in never invents an API: all it shows must stand in the real package too.</summary>
public sealed class StandInTests
{
    private static string SurfaceFolder => Path.GetFullPath(Path.Combine(RepositoryRoot.Path, "..", "shared", "api-surface"));

    [Theory]
    [InlineData("TorchSharp")]
    [InlineData("Microsoft.DotNet.Interactive")]
    [InlineData("Plotly.NET")]
    [InlineData("Plotly.NET.CSharp")]
    [InlineData("ScottPlot")]
    [InlineData("FFMpegCore")]
    public void A_stand_in_shows_nothing_that_the_real_package_lacks(string package)
    {
        Assert.SkipUnless(Directory.Exists(SurfaceFolder), $"The real packages' signatures are not here ({SurfaceFolder}).");
        string path = Path.Combine(AppContext.BaseDirectory, package + ".dll");
        Assert.SkipUnless(IsStandIn(path), $"{package} is the real package.");

        // The real notebook kernel is several assemblies; its stand-in is one.
        string[] files = Directory.GetFiles(SurfaceFolder, package == "Microsoft.DotNet.Interactive" ? package + "*.txt" : package + ".txt");
        ILookup<string, SurfaceLine> real = files.SelectMany(File.ReadLines).Where(SurfaceLine.IsOne).Select(SurfaceLine.Parse).ToLookup(line => line.Key);
        var invented = PublicSurface.Read(path)
            .Where(line => SurfaceLine.Parse(line) is var mine && !real[mine.Key].Any(mine.IsCoveredBy))
            .ToList();

        Assert.True(invented.Count == 0, $"{invented.Count} lines of {package} are not in the real package:\n{string.Join("\n", invented.Take(60))}");
    }

    [Fact]
    public void A_left_out_optional_parameter_is_compatible_and_any_other_difference_is_not()
    {
        SurfaceLine real = SurfaceLine.Parse("method static N.T N.C.Make<K>(N.T self, (int, long) shape, double p = 0, bool flag = false) where K : struct");

        Assert.True(Mine("method static N.T N.C.Make<K>(N.T self, (int, long) shape, bool flag = false) where K : struct"));
        Assert.True(Mine("method static override N.T N.C.Make<K>(N.T self, (int, long) shape) where K : struct"));
        Assert.False(Mine("method static N.T N.C.Make<K>(N.T self) where K : struct"));
        Assert.False(Mine("method static N.T N.C.Make<K>(N.T self, (int, long) shape, bool flag = true) where K : struct"));
        Assert.False(Mine("method static N.T N.C.Make<K>(N.T self, (int, long) size) where K : struct"));
        Assert.False(Mine("method N.T N.C.Make<K>(N.T self, (int, long) shape) where K : struct"));
        Assert.False(Mine("method static protected N.T N.C.Make<K>(N.T self, (int, long) shape) where K : struct"));
        Assert.False(Mine("method static N.U N.C.Make<K>(N.T self, (int, long) shape) where K : struct"));

        bool Mine(string line) => SurfaceLine.Parse(line).IsCoveredBy(real);
    }

    [Fact]
    public void A_type_may_have_fewer_bases_and_a_property_fewer_accessors_never_others()
    {
        SurfaceLine type = SurfaceLine.Parse("type sealed class N.C<T> : N.B<T, int>, System.IDisposable");
        Assert.True(SurfaceLine.Parse("type class N.C<T> : System.IDisposable").IsCoveredBy(type));
        Assert.False(SurfaceLine.Parse("type class N.C<T> : System.ICloneable").IsCoveredBy(type));
        Assert.False(SurfaceLine.Parse("type struct N.C<T>").IsCoveredBy(type));
        SurfaceLine constrained = SurfaceLine.Parse("type class N.C<T> where T : N.C<T>, new() : N.B<T> where T : N.C<T>, new()");
        Assert.True(SurfaceLine.Parse("type class N.C<T> : N.B<T> where T : N.C<T>, new()").IsCoveredBy(constrained));
        Assert.False(SurfaceLine.Parse("type class N.C<T> : N.B<T> where T : N.C<T>").IsCoveredBy(constrained));

        SurfaceLine property = SurfaceLine.Parse("property int N.C<T>.Count { get; }");
        Assert.True(SurfaceLine.Parse("property int N.C<T>.Count { get; }").IsCoveredBy(property));
        Assert.False(SurfaceLine.Parse("property int N.C<T>.Count { get; set; }").IsCoveredBy(property));
    }

    private static bool IsStandIn(string path) => Assembly.Load(AssemblyName.GetAssemblyName(path))
        .GetCustomAttributes<AssemblyMetadataAttribute>().Any(a => a is { Key: "LabStandIn", Value: "true" });
}
