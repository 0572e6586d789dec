namespace ScottPlot
{
    public interface IPanel
    {
        bool IsVisible { get; set; }

        float MinimumSize { get; set; }

        float MaximumSize { get; set; }
    }

    public interface IAxis : IPanel
    {
        double Min { get; set; }

        double Max { get; set; }

        LabelStyle Label { get; }

        LabelStyle TickLabelStyle { get; set; }

        TickMarkStyle MajorTickStyle { get; set; }

        TickMarkStyle MinorTickStyle { get; set; }

        LineStyle FrameLineStyle { get; }

        ITickGenerator TickGenerator { get; set; }

        void SetTicks(double[] xs, string[] labels);

        internal bool HasLimits { get; }
    }

    public interface IXAxis : IAxis
    {
    }

    public interface IYAxis : IAxis
    {
    }

    internal sealed class Axis : IXAxis, IYAxis
    {
        private double min;
        private double max;

        internal Axis(bool hasTicks, float labelRotation)
        {
            Label = new LabelStyle { FontSize = 16, Bold = true, Rotation = labelRotation };
            TickGenerator = hasTicks ? new TickGenerators.NumericAutomatic() : new TickGenerators.NumericManual();
        }

        public bool IsVisible { get; set; } = true;

        public float MinimumSize { get; set; }

        public float MaximumSize { get; set; } = float.MaxValue;

        public bool HasLimits { get; private set; }

        public double Min { get => min; set => (min, HasLimits) = (value, true); }

        public double Max { get => max; set => (max, HasLimits) = (value, true); }

        public LabelStyle Label { get; }

        public LabelStyle TickLabelStyle { get; set; } = new() { FontSize = 12 };

        public TickMarkStyle MajorTickStyle { get; set; } = new() { Length = 4 };

        public TickMarkStyle MinorTickStyle { get; set; } = new() { Length = 2 };

        public LineStyle FrameLineStyle { get; } = new();

        public ITickGenerator TickGenerator { get; set; }

        public void SetTicks(double[] xs, string[] labels) => TickGenerator = new TickGenerators.NumericManual(xs, labels);
    }

    public readonly struct AxisLimits
    {
        public AxisLimits(double left, double right, double bottom, double top)
        {
            Left = left;
            Right = right;
            Bottom = bottom;
            Top = top;
        }

        public double Left { get; }

        public double Right { get; }

        public double Bottom { get; }

        public double Top { get; }

        public static AxisLimits NoLimits => new(double.NaN, double.NaN, double.NaN, double.NaN);

        internal static AxisLimits Of(IEnumerable<double> xs, IEnumerable<double> ys)
        {
            (double left, double right) = Extent(xs);
            (double bottom, double top) = Extent(ys);
            return new AxisLimits(left, right, bottom, top);
        }

        internal AxisLimits And(AxisLimits other)
        {
            (double left, double right) = Extent([Left, Right, other.Left, other.Right]);
            (double bottom, double top) = Extent([Bottom, Top, other.Bottom, other.Top]);
            return new AxisLimits(left, right, bottom, top);
        }

        private static (double Low, double High) Extent(IEnumerable<double> values)
        {
            double[] real = [.. values.Where(double.IsFinite)];
            return real.Length == 0 ? (double.NaN, double.NaN) : (real.Min(), real.Max());
        }
    }

    public class AxisManager
    {
        private readonly Plot plot;
        private (double Left, double Right, double Bottom, double Top) margins = (0.05, 0.05, 0.07, 0.07);

        public AxisManager(Plot plot) => this.plot = plot;

        public IXAxis Bottom { get; } = new Axis(hasTicks: true, labelRotation: 0);

        public IXAxis Top { get; } = new Axis(hasTicks: false, labelRotation: 0);

        public IYAxis Left { get; } = new Axis(hasTicks: true, labelRotation: -90);

        public IYAxis Right { get; } = new Axis(hasTicks: false, labelRotation: 90);

        public Panels.TitlePanel Title { get; } = new();

        public void SetLimits(double left, double right, double bottom, double top)
        {
            SetLimitsX(left, right);
            SetLimitsY(bottom, top);
        }

        public void SetLimits(AxisLimits limits) => SetLimits(limits.Left, limits.Right, limits.Bottom, limits.Top);

        public void SetLimitsX(double left, double right)
        {
            Bottom.Min = left;
            Bottom.Max = right;
        }

        public void SetLimitsY(double bottom, double top)
        {
            Left.Min = bottom;
            Left.Max = top;
        }

        /// <summary>Room around the data, as fractions of its extent.</summary>
        public void Margins(double left = 0.05, double right = 0.05, double bottom = 0.07, double top = 0.07)
        {
            margins = (left, right, bottom, top);
            AutoScale();
        }

        public void AutoScale()
        {
            AutoScaleX();
            AutoScaleY();
        }

        public void AutoScaleX()
        {
            AxisLimits data = DataLimits();
            (Bottom.Min, Bottom.Max) = Padded(data.Left, data.Right, margins.Left, margins.Right);
        }

        public void AutoScaleY()
        {
            AxisLimits data = DataLimits();
            (Left.Min, Left.Max) = Padded(data.Bottom, data.Top, margins.Bottom, margins.Top);
        }

        public AxisLimits GetLimits() => new(Bottom.Min, Bottom.Max, Left.Min, Left.Max);

        /// <summary>Shows or hides the frame around the data.</summary>
        public void Frame(bool enable)
        {
            foreach (IAxis axis in (IAxis[])[Left, Right, Bottom, Top])
                axis.FrameLineStyle.IsVisible = enable;
        }

        internal void AutoScaleWhatHasNoLimits()
        {
            if (!Bottom.HasLimits)
                AutoScaleX();
            if (!Left.HasLimits)
                AutoScaleY();
        }

        private AxisLimits DataLimits() => plot.PlottableList.Where(item => item.IsVisible)
            .Aggregate(AxisLimits.NoLimits, (limits, item) => limits.And(item.GetAxisLimits()));

        private static (double Low, double High) Padded(double low, double high, double below, double above)
        {
            if (double.IsNaN(low))
                return (-10, 10);
            double span = high - low;
            if (span == 0)
                return (low - 1, high + 1);
            // The margin is a fraction of what is shown, data and margins together.
            double shown = span / Math.Max(1e-6, 1 - below - above);
            return (low - shown * below, high + shown * above);
        }
    }
}

namespace ScottPlot.Panels
{
    public class TitlePanel : IPanel
    {
        public LabelStyle Label { get; } = new() { FontSize = 16, Bold = true };

        public bool IsVisible { get; set; } = true;

        public float MinimumSize { get; set; }

        public float MaximumSize { get; set; } = float.MaxValue;

        /// <summary>Centres the title over the whole figure, not over the data.</summary>
        public bool FullFigureCenter { get; set; }
    }

    public abstract class PanelBase : IPanel
    {
        public bool IsVisible { get; set; } = true;

        public float MinimumSize { get; set; }

        public float MaximumSize { get; set; } = float.MaxValue;

        public Edge Edge { get; set; } = Edge.Right;
    }

    /// <summary>A legend beside the data.</summary>
    public class LegendPanel : PanelBase
    {
        public LegendPanel(Legend legend) => Legend = legend;

        public Legend Legend { get; }
    }
}
