using ScottPlot.Drawing;

namespace ScottPlot
{
    public class Bar
    {
        public double Position { get; set; }

        public double Value { get; set; }

        public double ValueBase { get; set; }

        public double Error { get; set; }

        public double Size { get; set; } = 0.8;

        public double ErrorSize { get; set; } = 0.2;

        public Color FillColor { get; set; } = Colors.Gray;

        public Color LineColor { get; set; } = Colors.Black;

        public float LineWidth { get; set; } = 1;

        public string Label { get; set; } = "";

        public float LabelOffset { get; set; } = 5;

        public bool IsVisible { get; set; } = true;

        internal double End => Value + Math.Sign(Value - ValueBase) * Error;
    }
}

namespace ScottPlot.Plottables
{
    public class BarPlot : IPlottable
    {
        public BarPlot(List<Bar> bars) => Bars = bars;

        public List<Bar> Bars { get; }

        public bool IsVisible { get; set; } = true;

        public string LegendText { get; set; } = "";

        public Color Color
        {
            set
            {
                foreach (Bar bar in Bars)
                    bar.FillColor = value;
            }
        }

        public LabelStyle ValueLabelStyle { get; set; } = new();

        public AxisLimits GetAxisLimits() => AxisLimits.Of(
            Bars.SelectMany(bar => new[] { bar.Position - bar.Size / 2, bar.Position + bar.Size / 2 }),
            Bars.SelectMany(bar => new[] { bar.ValueBase, bar.Value, bar.Value - bar.Error, bar.Value + bar.Error }));

        IEnumerable<LegendEntry> IPlottable.Entries() =>
            [new LegendEntry(LegendText, Fill: Bars.Count > 0 ? Bars[0].FillColor : Colors.Gray, Outline: Bars.Count > 0 && Bars[0].LineWidth > 0 ? Bars[0].LineColor : null)];

        void IPlottable.Draw(DataArea area)
        {
            foreach (Bar bar in Bars.Where(bar => bar.IsVisible))
            {
                (double left, double right) = (area.X(bar.Position - bar.Size / 2), area.X(bar.Position + bar.Size / 2));
                area.Canvas.Rectangle(left, area.Y(bar.ValueBase), right, area.Y(bar.Value), bar.FillColor, bar.LineWidth > 0 ? bar.LineColor : Colors.Transparent, bar.LineWidth);
                if (bar.Error == 0)
                    continue;
                var stroke = new Stroke(bar.LineColor, bar.LineWidth);
                double middle = area.X(bar.Position);
                double half = (right - left) / bar.Size * bar.ErrorSize / 2;
                area.Canvas.Line(middle, area.Y(bar.Value - bar.Error), middle, area.Y(bar.Value + bar.Error), stroke);
                foreach (double end in (double[])[bar.Value - bar.Error, bar.Value + bar.Error])
                    area.Canvas.Line(middle - half, area.Y(end), middle + half, area.Y(end), stroke);
            }
        }

        void IPlottable.DrawLast(DataArea area)
        {
            foreach (Bar bar in Bars.Where(bar => bar.IsVisible && !string.IsNullOrEmpty(bar.Label)))
            {
                bool down = bar.Value < bar.ValueBase;
                area.Canvas.Text(
                    bar.Label, area.X(bar.Position), area.Y(bar.End) + (down ? bar.LabelOffset : -bar.LabelOffset), ValueLabelStyle,
                    down ? Alignment.UpperCenter : Alignment.LowerCenter);
            }
        }
    }
}
