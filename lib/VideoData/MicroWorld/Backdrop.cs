namespace ZeroI2V.Lab.VideoData.MicroWorld;

/// <summary>
/// A cluttered background: a colour gradient, noise of four octaves, patches and lines, all of weaker colour than the
/// objects. It reaches beyond the frame so that the camera can shake.
/// </summary>
internal sealed class Backdrop
{
    /// <summary>How far it reaches beyond each side of the frame, in frame widths.</summary>
    public const double Margin = 0.08;

    private readonly ulong _noise;
    private readonly double _hue, _saturation, _value, _grain, _scale, _turnX, _turnY, _gradient, _hueSpread;
    private readonly Patch[] _patches;
    private readonly MicroPlace? _place;
    private readonly double _placeX, _placeY, _placeCos, _placeSin, _placePeriod, _placeContrast;

    /// <param name="random">The scene's random numbers.</param>
    /// <param name="place">The pattern by which the scene is told; null for none.</param>
    public Backdrop(SceneRandom random, MicroPlace? place = null)
    {
        _noise = random.NextBits();
        _hue = random.Uniform(0, 360);
        _hueSpread = random.Uniform(-70, 70);
        _saturation = random.Uniform(0.06, 0.34);
        _value = random.Uniform(0.2, 0.6);
        _grain = random.Uniform(0.08, 0.3);
        _scale = random.LogUniform(2.5, 8);
        double turn = random.Unit();
        _turnX = SceneMath.CosTurns(turn);
        _turnY = SceneMath.SinTurns(turn);
        _gradient = random.Uniform(0.0, 0.3);
        _patches = new Patch[random.Below(11)];
        for (int i = 0; i < _patches.Length; i++)
            _patches[i] = new Patch(random, _value);
        _place = place;
        if (place is null)
            return;
        _placeX = random.Uniform(0.2, 0.8);
        _placeY = random.Uniform(0.2, 0.8);
        double lean = random.Uniform(-0.07, 0.07);
        _placeCos = SceneMath.CosTurns(lean);
        _placeSin = SceneMath.SinTurns(lean);
        _placePeriod = random.Uniform(0.13, 0.2);
        _placeContrast = random.Uniform(0.08, 0.14);
    }

    /// <summary>Draws it as [side, side, 3] for a frame of the given size plus the margin; returns the side too.</summary>
    public (float[] Pixels, int Side) Draw(int frameSize)
    {
        int side = (int)Math.Ceiling(frameSize * (1 + (2 * Margin))) + 1;
        var pixels = new float[side * side * 3];
        for (int row = 0, at = 0; row < side; row++)
        {
            for (int column = 0; column < side; column++, at += 3)
            {
                double x = ((column + 0.5) / frameSize) - Margin, y = ((row + 0.5) / frameSize) - Margin;
                double along = ((x - 0.5) * _turnX) + ((y - 0.5) * _turnY);
                double noise = ValueNoise.Octaves(_noise, x * _scale, y * _scale, 4, 0.6) - 0.5;
                double value = _value + (_gradient * along) + (_grain * 1.6 * noise);
                if (_place is { } place)
                    value += _placeContrast * Pattern(place, x - _placeX, y - _placeY);
                Rgb colour = Rgb.FromHsv(
                    _hue + (_hueSpread * along), _saturation, Math.Min(Math.Max(value, 0.05), 0.9));
                pixels[at] = colour.R;
                pixels[at + 1] = colour.G;
                pixels[at + 2] = colour.B;
            }
        }
        foreach (Patch patch in _patches)
            patch.Draw(pixels, side, frameSize);
        return (pixels, side);
    }

    /// <summary>How light a place is, about -1 to 1.</summary>
    private double Pattern(MicroPlace place, double x, double y)
    {
        double u = ((_placeCos * x) + (_placeSin * y)) / _placePeriod, v = ((_placeCos * y) - (_placeSin * x)) / _placePeriod;
        double row = Math.Floor(v), along = (0.5 * u) + (0.5 * (row % 2));
        return place switch
        {
            MicroPlace.Tiles => (Math.Floor(u) + row) % 2 == 0 ? 1 : -1,
            MicroPlace.Bricks => v - row < 0.2 || along - Math.Floor(along) < 0.1 ? -1.6 : 0.5,
            MicroPlace.Waves => SceneMath.SinTurns(v + (0.35 * SceneMath.SinTurns(0.45 * u))),
            _ => SceneMath.SinTurns(Math.Sqrt((u * u) + (v * v))),
        };
    }

    /// <summary>A faint rectangle, ellipse or line.</summary>
    private readonly struct Patch
    {
        private readonly double _x, _y, _cos, _sin, _width, _height, _opacity;
        private readonly bool _round;
        private readonly Rgb _colour;

        public Patch(SceneRandom random, double value)
        {
            _x = random.Unit();
            _y = random.Unit();
            double turn = random.Unit();
            _cos = SceneMath.CosTurns(turn);
            _sin = SceneMath.SinTurns(turn);
            bool line = random.Chance(0.4);
            _width = line ? random.Uniform(0.25, 0.9) : random.Uniform(0.06, 0.22);
            _height = line ? random.Uniform(0.006, 0.018) : random.Uniform(0.06, 0.22);
            _round = !line && random.Chance(0.5);
            _opacity = random.Uniform(0.25, 0.7);
            double shade = SceneMath.Saturate(value + random.Uniform(-0.28, 0.28));
            _colour = Rgb.FromHsv(random.Uniform(0, 360), random.Uniform(0.05, 0.4), shade);
        }

        /// <summary>Draws it over the pixels that it can reach.</summary>
        public void Draw(float[] pixels, int side, int frameSize)
        {
            double reach = Math.Sqrt((_width * _width) + (_height * _height)) + (2.0 / frameSize);
            int left = Math.Max((int)Math.Floor((_x - reach + Margin) * frameSize) - 1, 0);
            int right = Math.Min((int)Math.Ceiling((_x + reach + Margin) * frameSize) + 1, side - 1);
            int top = Math.Max((int)Math.Floor((_y - reach + Margin) * frameSize) - 1, 0);
            int bottom = Math.Min((int)Math.Ceiling((_y + reach + Margin) * frameSize) + 1, side - 1);
            for (int row = top; row <= bottom; row++)
            {
                double y = ((row + 0.5) / frameSize) - Margin;
                for (int column = left; column <= right; column++)
                {
                    double x = ((column + 0.5) / frameSize) - Margin;
                    int at = ((row * side) + column) * 3;
                    Rgb colour = Over(new Rgb(pixels[at], pixels[at + 1], pixels[at + 2]), x, y, 1.0 / frameSize);
                    pixels[at] = colour.R;
                    pixels[at + 1] = colour.G;
                    pixels[at + 2] = colour.B;
                }
            }
        }

        private Rgb Over(Rgb under, double x, double y, double pixel)
        {
            double dx = x - _x, dy = y - _y;
            double u = (_cos * dx) + (_sin * dy), v = (_cos * dy) - (_sin * dx);
            double outside;
            if (_round)
            {
                double a = u / _width, b = v / _height;
                outside = (Math.Sqrt((a * a) + (b * b)) - 1) * Math.Min(_width, _height);
            }
            else
            {
                outside = Math.Max(Math.Abs(u) - _width, Math.Abs(v) - _height);
            }
            double cover = SceneMath.Saturate(0.5 - (outside / pixel));
            return cover == 0 ? under : under.Towards(_colour, cover * _opacity);
        }
    }
}
