namespace ZeroI2V.Lab.VideoData.MicroWorld;

/// <summary>A hand-held camera and a lamp that flickers: small smooth changes, the same in distribution both ways in time.</summary>
internal sealed class CameraPath
{
    private readonly SmoothWobble _x, _y, _roll, _gain;
    private readonly double _shake, _rollSize, _flicker;

    public CameraPath(SceneRandom random)
    {
        _x = new SmoothWobble(random, 0.4, 4);
        _y = new SmoothWobble(random, 0.4, 4);
        _roll = new SmoothWobble(random, 0.3, 2);
        _gain = new SmoothWobble(random, 0.3, 3);
        _shake = random.Uniform(0.0, 0.03);
        _rollSize = random.Uniform(0.0, 0.008);
        _flicker = random.Uniform(0.0, 0.12);
        Exposure = random.Uniform(0.85, 1.12);
        double turn = random.Unit(), slope = random.Uniform(0, 0.3);
        SlopeX = slope * SceneMath.CosTurns(turn);
        SlopeY = slope * SceneMath.SinTurns(turn);
    }

    /// <summary>Brightness of the whole clip.</summary>
    public double Exposure { get; }

    /// <summary>Change of brightness over the frame's width.</summary>
    public double SlopeX { get; }

    /// <summary>Change of brightness over the frame's height.</summary>
    public double SlopeY { get; }

    /// <summary>Shift and roll (turns) of the scene in the frame, and the lamp's brightness, at a time in clips.</summary>
    public (double X, double Y, double Roll, double Gain) At(double time) =>
        (_shake * _x.At(time), _shake * _y.At(time), _rollSize * _roll.At(time),
            Exposure * (1 + (_flicker * _gain.At(time))));
}
