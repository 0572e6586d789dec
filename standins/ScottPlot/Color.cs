using System.Globalization;

namespace ScottPlot;

public readonly struct Color
{
    public readonly byte Red;
    public readonly byte Green;
    public readonly byte Blue;
    public readonly byte Alpha;

    public Color(byte red, byte green, byte blue, byte alpha = 255)
    {
        Red = red;
        Green = green;
        Blue = blue;
        Alpha = alpha;
    }

    public byte R => Red;

    public byte G => Green;

    public byte B => Blue;

    public byte A => Alpha;

    public double Opacity => Alpha / 255.0;

    public static Color FromHex(string hex)
    {
        string digits = hex.StartsWith('#') ? hex[1..] : hex;
        if (digits.Length == 6)
            digits += "FF";
        if (digits.Length != 8 || !uint.TryParse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out uint value))
            return Colors.Black;
        return new Color((byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value);
    }

    public static Color[] FromHex(IEnumerable<string> hex) => [.. hex.Select(FromHex)];

    public static Color Gray(byte value) => new(value, value, value);

    public Color WithAlpha(byte alpha) => new(Red, Green, Blue, alpha);

    public Color WithAlpha(double alpha) => WithAlpha((byte)Math.Clamp(alpha * 255, 0, 255));

    public Color WithOpacity(double opacity = 0.5) => WithAlpha(opacity);

    /// <summary>Mixes the colour with white.</summary>
    public Color Lighten(double fraction = 0.5) => Mix(this, 255, fraction);

    /// <summary>Mixes the colour with black.</summary>
    public Color Darken(double fraction = 0.5) => Mix(this, 0, fraction);

    internal string Rgb => $"#{Red:x2}{Green:x2}{Blue:x2}";

    private static Color Mix(Color color, byte other, double fraction)
    {
        byte Channel(byte value) => (byte)Math.Clamp(value + (other - value) * fraction, 0, 255);
        return new Color(Channel(color.Red), Channel(color.Green), Channel(color.Blue), color.Alpha);
    }
}

public readonly struct Colors
{
    public static Color Transparent => new(255, 255, 255, 0);

    public static Color Black => new(0, 0, 0);

    public static Color White => new(255, 255, 255);

    public static Color Gray => new(128, 128, 128);
}

public interface IPalette
{
    string Name { get; }

    Color[] Colors { get; }

    Color GetColor(int index);
}
