using Microsoft.DotNet.Interactive.Formatting;

namespace Microsoft.DotNet.Interactive.ValueSharing;

/// <summary>A variable: its name, its declared type and what its value looks like.</summary>
public class KernelValueInfo
{
    public KernelValueInfo(string name, FormattedValue formattedValue, Type? type = null)
    {
        Name = name ?? throw new ArgumentNullException(nameof(name));
        FormattedValue = formattedValue ?? throw new ArgumentNullException(nameof(formattedValue));
        Type = type;
    }

    public string Name { get; }

    public FormattedValue FormattedValue { get; }

    public Type? Type { get; }
}
