namespace ZeroI2V.Lab.Tests;

public sealed class Placeholder
{
    [Fact]
    public void The_lab_assembly_loads() => Assert.NotNull(System.Reflection.Assembly.Load("ZeroI2V.Lab"));
}
