using System.Globalization;
using System.Text.Json.Nodes;

namespace Plotly.NET;

/// <summary>A colour, or a list of them, as plotly.js reads it.</summary>
public class Color
{
    private Color(JsonNode json) => Json = json;

    internal JsonNode Json { get; }

    public static Color fromRGB(int r, int g, int b) => fromARGB(255, r, g, b);

    public static Color fromARGB(int a, int r, int g, int b) =>
        new(JsonValue.Create(string.Create(CultureInfo.InvariantCulture, $"rgba({r}, {g}, {b}, {a / 255.0:0.0###})")));

    public static Color fromHex(string s)
    {
        string digits = s.StartsWith('#') ? s[1..] : s.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? s[2..] : s;
        if (digits.Length is not (6 or 8) || !uint.TryParse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out uint value))
            throw new FormatException($"'{s}' is not a colour; expected #RRGGBB or #AARRGGBB.");
        int alpha = digits.Length == 8 ? (int)(value >> 24) : 255;
        return fromARGB(alpha, (int)(value >> 16 & 255), (int)(value >> 8 & 255), (int)(value & 255));
    }

    public static Color fromString(string c) => new(JsonValue.Create(c));

    public static Color fromColors(IEnumerable<Color> c) => new(new JsonArray([.. c.Select(color => color.Json.DeepClone())]));
}
