using System.Globalization;
using System.Text.Json.Nodes;

namespace Plotly.NET.CSharp;

public static partial class Chart
{
    /// <summary>Charts side by side, each with its own axes, row by row.</summary>
    public static GenericChart Grid(
        IEnumerable<GenericChart> gCharts, int nRows, int nCols, Optional<IEnumerable<string>> SubPlotTitles = default,
        Optional<double> XGap = default, Optional<double> YGap = default)
    {
        GenericChart[] charts = [.. gCharts];
        if (charts.Length > nRows * nCols)
            throw new ArgumentException($"{charts.Length} charts do not fit a grid of {nRows} × {nCols}.", nameof(gCharts));
        JsonObject grid = new JsonObject { ["rows"] = nRows, ["columns"] = nCols, ["pattern"] = "independent" }
            .Put("xgap", XGap.OrNull).Put("ygap", YGap.OrNull);
        GenericChart whole = GenericChart.combine(charts.Select(OnOwnAxes)).With(new JsonObject { ["grid"] = grid });
        return SubPlotTitles.IsSome ? whole.With(Titles([.. SubPlotTitles.Value], nRows, nCols, XGap.Or(0.2), YGap.Or(0.3))) : whole;
    }

    private static GenericChart OnOwnAxes(GenericChart chart, int index)
    {
        if (index == 0)
            return chart;
        string number = (index + 1).ToString(CultureInfo.InvariantCulture);
        var layout = (JsonObject)chart.Layout.DeepClone();
        foreach (string axis in (string[])["xaxis", "yaxis"])
        {
            JsonNode? style = layout[axis]?.DeepClone();
            layout.Remove(axis);
            layout[axis + number] = style ?? new JsonObject();
        }
        foreach (string list in (string[])["shapes", "annotations"])
        {
            foreach (JsonNode? item in layout[list] as JsonArray ?? [])
            {
                foreach (string axis in (string[])["x", "y"])
                    item![axis + "ref"] = ((string?)item[axis + "ref"] ?? axis).Replace(axis, axis + number, StringComparison.Ordinal).Replace("pa" + axis + number, "pa" + axis, StringComparison.Ordinal);
            }
        }
        IReadOnlyList<JsonObject> traces = [.. chart.Traces.Select(trace =>
        {
            var moved = (JsonObject)trace.DeepClone();
            moved["xaxis"] = "x" + number;
            moved["yaxis"] = "y" + number;
            return moved;
        })];
        return GenericChart.Of(traces, layout, chart.Config);
    }

    // plotly.js leaves the gap as a fraction of one cell between neighbours.
    private static JsonObject Titles(string[] titles, int rows, int columns, double xGap, double yGap)
    {
        double width = 1 / (columns - xGap * (columns > 1 ? 1 : 0));
        double height = 1 / (rows - yGap * (rows > 1 ? 1 : 0));
        var annotations = new JsonArray();
        for (int i = 0; i < Math.Min(titles.Length, rows * columns); i++)
        {
            annotations.Add(new JsonObject
            {
                ["text"] = titles[i],
                ["showarrow"] = false,
                ["font"] = new JsonObject { ["size"] = 16 },
                ["x"] = i % columns * width + width * (1 - (columns > 1 ? xGap : 0)) / 2,
                ["xanchor"] = "center",
                ["xref"] = "paper",
                ["y"] = 1 - i / columns * height,
                ["yanchor"] = "bottom",
                ["yref"] = "paper",
            });
        }
        return new JsonObject { ["annotations"] = annotations };
    }
}
