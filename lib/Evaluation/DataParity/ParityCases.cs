using System.Globalization;
using System.Text.Json;
using ZeroI2V.Lab.Parity;
using ZeroI2V.Lab.VideoData;

namespace ZeroI2V.Lab.Evaluation.DataParity;

/// <summary>Compares the cases of one kind; the first one that differs is told.</summary>
/// <param name="what">The kind.</param>
internal sealed class ParityCases(string what)
{
    private int _count, _differ;
    private string _first = "";

    /// <summary>Compares one case.</summary>
    public void Equal<T>(IEnumerable<T> expected, IEnumerable<T> found, Func<string> which)
    {
        T[] e = [.. expected], f = [.. found];
        Holds(e.SequenceEqual(f), () => $"{which()}: expected [{string.Join(", ", e.Take(40))}], found [{string.Join(", ", f.Take(40))}]");
    }

    /// <summary>Compares one case of one value.</summary>
    public void Same<T>(T expected, T found, Func<string> which) => Equal<T>([expected], [found], which);

    /// <summary>Real numbers, to a tolerance.</summary>
    public void Near(IEnumerable<double> expected, IEnumerable<double> found, double tolerance, Func<string> which)
    {
        double[] e = [.. expected], f = [.. found];
        double largest = e.Length == f.Length ? e.Zip(f, (a, b) => Math.Abs(a - b)).DefaultIfEmpty(0).Max() : double.NaN;
        Holds(largest <= tolerance, () => string.Create(CultureInfo.InvariantCulture, $"{which()}: {e.Length} and {f.Length} numbers, largest difference {largest:0.0e+00}"));
    }

    /// <summary>Counts a case.</summary>
    public void Holds(bool holds, Func<string> problem)
    {
        _count++;
        if (holds)
            return;
        if (_differ++ == 0)
            _first = problem();
    }

    /// <summary>A case whose right answer is an error.</summary>
    public void Refused(Action action, Func<string> which)
    {
        bool refused = false;
        try
        {
            action();
        }
        catch (Exception error) when (error is ArgumentException or InvalidDataException)
        {
            refused = true;
        }
        Holds(refused, () => $"{which()}: expected an error");
    }

    /// <summary>The row of the report.</summary>
    public ParityRow Row() => new(
        what, null, null, _differ == 0 && _count > 0,
        _differ == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{_count} cases")
            : string.Create(CultureInfo.InvariantCulture, $"{_differ} of {_count} cases; {_first}"));
}

/// <summary>Short ways to the values of a JSON file.</summary>
internal static class ParityJson
{
    public static IEnumerable<JsonElement> Cases(this JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement cases) ? cases.EnumerateArray() : [];

    public static int Int(this JsonElement element, string name) => element.GetProperty(name).GetInt32();

    public static bool Flag(this JsonElement element, string name) => element.TryGetProperty(name, out JsonElement value) && value.GetBoolean();

    public static string Text(this JsonElement element, string name) => element.GetProperty(name).GetString()!;

    public static int[] Ints(this JsonElement element) => [.. element.EnumerateArray().Select(value => value.GetInt32())];

    public static int[] Ints(this JsonElement element, string name) => element.GetProperty(name).Ints();

    public static double[] Reals(this JsonElement element) => [.. element.EnumerateArray().Select(value => value.GetDouble())];

    public static double[] Reals(this JsonElement element, string name) => element.GetProperty(name).Reals();

    public static string[] Texts(this JsonElement element) => [.. element.EnumerateArray().Select(value => value.GetString()!)];

    public static CropBox Box(this JsonElement element)
    {
        int[] sides = element.Ints();
        return new CropBox(sides[0], sides[1], sides[2], sides[3]);
    }

    public static string Short(this JsonElement element)
    {
        string text = element.GetRawText();
        return text.Length > 160 ? text[..160] + "…" : text;
    }
}
