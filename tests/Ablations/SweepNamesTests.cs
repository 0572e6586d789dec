using ZeroI2V.Lab.Ablations;
using ZeroI2V.Lab.VideoData.MicroWorld;

namespace ZeroI2V.Lab.Tests.Ablations;

/// <summary>Runs on the lab's own data keep their folders, whatever a definition learns to say: finished ones are found again.</summary>
public sealed class SweepNamesTests : IDisposable
{
    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Theory]
    [InlineData("head-split", "0", "spatial-seed0-5476c7c661")]
    [InlineData("head-split", "1/4", "-1_+1-seed0-299f9c87e6")]
    [InlineData("head-split", "1/2", "-1_+1-seed0-c63cf49482")]
    [InlineData("head-split", "1", "-1_+1-seed0-ec2f78f6dd")]
    [InlineData("head-split", "1 1/2", "-1_+1-seed0-ba6171e10a")]
    [InlineData("head-split", "2", "-1_+1-seed0-ef61449fcf")]
    [InlineData("head-split", "3", "-1_+1-seed0-010d9665f6")]
    [InlineData("head-split", "4", "-1_-1_+1_+1-seed0-d29ff87d07")]
    [InlineData("delta-t", "-1 +1 -2 +2", "-1_+1_-2_+2-seed0-9a35cc1056")]
    [InlineData("adapter-placement", "before MLP only", "-1_+1-seed0-90909efb94")]
    [InlineData("operation", "channel shift", "-1_+1-seed0-a096003b3b")]
    [InlineData("temporal-embedding", "spatial, off", "spatial-no-embedding-seed0-221e6192f3")]
    public void A_row_is_the_run_that_it_always_was(string sweep, string row, string folder)
    {
        SweepPlan plan = SweepPlan.Make(SweepDefinition.Open(sweep), MicroSize.Small, 1, SweepDefinitionTests.Source, new RunStore(_root["runs"]));
        Assert.Equal(folder, Path.GetFileName(plan.Runs.First(run => run.Data == "micro-ssv2" && string.Join(", ", run.Values) == row).Folder));
    }
}
