namespace ZeroI2V.Lab.VideoData.MicroWorld;

/// <summary>
/// A slowly varying number: three sines with random speeds and phases. Its distribution is the same played forwards and
/// backwards, which the fairness of the time-reversed class pairs rests on.
/// </summary>
internal sealed class SmoothWobble
{
    private readonly double[] _speed = new double[3];
    private readonly double[] _phase = new double[3];

    /// <param name="random">The scene's random numbers.</param>
    /// <param name="slowest">Fewest swings a clip.</param>
    /// <param name="fastest">Most swings a clip.</param>
    public SmoothWobble(SceneRandom random, double slowest, double fastest)
    {
        for (int k = 0; k < 3; k++)
        {
            _speed[k] = random.Uniform(slowest, fastest);
            _phase[k] = random.Unit();
        }
    }

    /// <summary>The value, within ±1, at a time in clips.</summary>
    public double At(double time)
    {
        double sum = 0;
        for (int k = 0; k < 3; k++)
            sum += SceneMath.SinTurns((_speed[k] * time) + _phase[k]);
        return sum / 3;
    }
}
