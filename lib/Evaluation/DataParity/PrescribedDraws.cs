using ZeroI2V.Lab.VideoData;

namespace ZeroI2V.Lab.Evaluation.DataParity;

/// <summary>Gives the draws of a reference case, and notes when they are asked for from another range.</summary>
internal sealed class PrescribedDraws : IDraws
{
    private readonly Queue<(double Low, double High, double Value)> _choices = new();
    private bool _wrong;

    /// <summary>Whether every draw was asked for, each from its range.</summary>
    public bool AsPrescribed => !_wrong && _choices.Count == 0;

    public PrescribedDraws Then(double low, double high, params IEnumerable<double> values)
    {
        foreach (double value in values)
            _choices.Enqueue((low, high, value));
        return this;
    }

    public int Whole(int low, int high) => (int)Real(low, high);

    public double Real(double low, double high)
    {
        if (!_choices.TryDequeue(out (double Low, double High, double Value) next))
        {
            _wrong = true;
            return low;
        }
        _wrong |= (next.Low, next.High) != (low, high);
        return next.Value;
    }
}
