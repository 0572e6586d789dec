using System.Globalization;
using ScottPlot.Drawing;

namespace ScottPlot
{
    public readonly struct Tick
    {
        public readonly double Position;
        public readonly string Label;
        public readonly bool IsMajor;

        public Tick(double position, string label)
            : this(position, label, isMajor: true)
        {
        }

        public Tick(double position, string label, bool isMajor)
        {
            Position = position;
            Label = label;
            IsMajor = isMajor;
        }
    }

    public interface ITickGenerator
    {
        Tick[] Ticks { get; }

        internal void Regenerate(double low, double high, bool vertical, double pixels, LabelStyle labels);
    }
}

namespace ScottPlot.TickGenerators
{
    /// <summary>Ticks at round numbers, as dense as their labels allow.</summary>
    public class NumericAutomatic : ITickGenerator
    {
        public Tick[] Ticks { get; set; } = [];

        public Func<double, string> LabelFormatter { get; set; } = Default;

        public bool IntegerTicksOnly { get; set; }

        public float MinimumTickSpacing { get; set; }

        void ITickGenerator.Regenerate(double low, double high, bool vertical, double pixels, LabelStyle labels)
        {
            if (low > high)
                (low, high) = (high, low);
            double span = high - low;
            if (!(span > 0) || !double.IsFinite(span) || pixels < 1)
            {
                Ticks = [];
                return;
            }
            // Start as dense as one label a line and widen until the labels have room.
            double spacing = Round(span * labels.FontSize / pixels);
            double[] positions;
            do
            {
                if (IntegerTicksOnly)
                    spacing = Math.Max(1, spacing);
                positions = Positions(low, high, spacing);
                double widest = positions.Select(value => TextMeasure.Of(LabelFormatter(value), labels)).Select(size => vertical ? size.Height : size.Width).DefaultIfEmpty().Max();
                double room = pixels * spacing / span;
                if (room >= Math.Max(MinimumTickSpacing, vertical ? Math.Max(2.6 * widest, 30) : widest + 2.2 * labels.FontSize))
                    break;
                spacing = Next(spacing);
            }
            while (positions.Length > 2);
            IEnumerable<Tick> minor = IntegerTicksOnly && spacing < 5
                ? []
                : Positions(low, high, spacing / 5).Where(value => Math.Abs(value / spacing - Math.Round(value / spacing)) > 1e-6).Select(value => new Tick(value, "", isMajor: false));
            Ticks = [.. positions.Select(value => new Tick(value, LabelFormatter(value))), .. minor];
        }

        private static double[] Positions(double low, double high, double spacing)
        {
            long first = (long)Math.Ceiling(low / spacing - 1e-9);
            long last = (long)Math.Floor(high / spacing + 1e-9);
            var positions = new double[Math.Clamp(last - first + 1, 0, 10_000)];
            for (int i = 0; i < positions.Length; i++)
                positions[i] = (first + i) * spacing;
            return positions;
        }

        // 1, 2 or 5 times a power of ten, at least as large as asked.
        private static double Round(double spacing)
        {
            double power = Math.Pow(10, Math.Floor(Math.Log10(spacing)));
            return power * new[] { 1, 2, 5, 10 }.First(step => step * power >= spacing * (1 - 1e-9));
        }

        private static double Next(double spacing) => Round(spacing * 1.01);

        private static string Default(double value)
        {
            double rounded = Math.Round(value, 10);
            return rounded == Math.Round(rounded)
                ? rounded.ToString(Math.Abs(rounded) < 1e9 ? "#,0" : "0.###E0", CultureInfo.InvariantCulture)
                : rounded.ToString("G10", CultureInfo.InvariantCulture);
        }
    }

    /// <summary>Ticks where they are put.</summary>
    public class NumericManual : ITickGenerator
    {
        private readonly List<Tick> ticks = [];

        public NumericManual()
        {
        }

        public NumericManual(double[] positions, string[] labels)
        {
            if (positions.Length != labels.Length)
                throw new ArgumentException($"{positions.Length} positions and {labels.Length} labels; expected as many.", nameof(labels));
            ticks.AddRange(positions.Zip(labels, (position, label) => new Tick(position, label)));
        }

        public Tick[] Ticks { get => [.. ticks]; private set { ticks.Clear(); ticks.AddRange(value); } }

        public void AddMajor(double position, string label) => ticks.Add(new Tick(position, label));

        public void AddMinor(double position) => ticks.Add(new Tick(position, "", isMajor: false));

        void ITickGenerator.Regenerate(double low, double high, bool vertical, double pixels, LabelStyle labels)
        {
        }
    }
}
