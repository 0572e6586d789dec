using System.Runtime.ExceptionServices;

namespace ZeroI2V.Lab.VideoData;

/// <summary>Samples made by several threads, a bounded number of batches ahead, handed out batch by batch in order. Which thread
/// makes what leaves no trace in the result.</summary>
/// <typeparam name="TSample">What a worker makes.</typeparam>
/// <typeparam name="TBatch">What the samples of a batch are put together to, by the worker that made the last of them.</typeparam>
internal sealed class SampleWindow<TSample, TBatch> : IDisposable
{
    private readonly int _samples, _batchSize, _ahead;
    private readonly Func<int, TSample> _make;
    private readonly Func<int, TSample[], TBatch> _assemble;
    private readonly Dictionary<int, Pending> _pending = [];
    private readonly object _gate = new();
    private readonly Thread[] _workers;
    private int _next, _consumed;
    private bool _stopped;

    /// <param name="first">Number of the first sample wanted; the first of a batch.</param>
    /// <param name="samples">Number after the last one.</param>
    /// <param name="batchSize">Samples of a batch; the last one may have fewer.</param>
    /// <param name="ahead">Batches that are made or wait, at most.</param>
    /// <param name="workers">Threads.</param>
    /// <param name="make">Makes a sample; on any thread.</param>
    /// <param name="assemble">Puts a batch together, told its number; on any thread.</param>
    public SampleWindow(int first, int samples, int batchSize, int ahead, int workers, Func<int, TSample> make, Func<int, TSample[], TBatch> assemble)
    {
        (_samples, _batchSize, _ahead, _make, _assemble) = (samples, batchSize, ahead, make, assemble);
        _next = first;
        _consumed = first / batchSize;
        _workers = [.. Enumerable.Range(0, Math.Min(workers, Math.Max(1, samples - first))).Select(_ => new Thread(Work) { IsBackground = true, Name = "clip loader" })];
        Array.ForEach(_workers, worker => worker.Start());
    }

    /// <summary>Waits for the next batch.</summary>
    /// <exception cref="Exception">What making a sample of it failed with; the first one by number.</exception>
    public TBatch Take()
    {
        Pending batch;
        lock (_gate)
        {
            while (!_pending.TryGetValue(_consumed, out batch!) || !batch.Done)
                Monitor.Wait(_gate);
            _pending.Remove(_consumed++);
            Monitor.PulseAll(_gate);
        }
        batch.Failure?.Throw();
        return batch.Result!;
    }

    /// <summary>Stops the threads; what they have in hand is finished first.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopped = true;
            Monitor.PulseAll(_gate);
        }
        Array.ForEach(_workers, worker => worker.Join());
    }

    private void Work()
    {
        while (Begin() is { } job)
        {
            (int number, Pending batch) = job;
            int place = number % _batchSize;
            ExceptionDispatchInfo? failure = null;
            try
            {
                batch.Samples[place] = _make(number);
            }
            catch (Exception fault)
            {
                failure = ExceptionDispatchInfo.Capture(fault);
            }
            bool last;
            lock (_gate)
            {
                if (failure is not null && place < batch.FailedAt)
                    (batch.Failure, batch.FailedAt) = (failure, place);
                last = --batch.Open == 0;
            }
            if (last)
                Finish(number / _batchSize, batch);
        }
    }

    private void Finish(int number, Pending batch)
    {
        try
        {
            if (batch.Failure is null)
                batch.Result = _assemble(number, batch.Samples);
        }
        catch (Exception fault)
        {
            batch.Failure = ExceptionDispatchInfo.Capture(fault);
        }
        lock (_gate)
        {
            batch.Samples = [];
            batch.Done = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>The next sample's number, once its batch is near enough; null at the end.</summary>
    private (int Number, Pending Batch)? Begin()
    {
        lock (_gate)
        {
            while (!_stopped && _next < _samples && _next / _batchSize >= _consumed + _ahead)
                Monitor.Wait(_gate);
            if (_stopped || _next >= _samples)
                return null;
            int number = _next++, of = number / _batchSize;
            if (!_pending.TryGetValue(of, out Pending? batch))
            {
                int size = Math.Min(_batchSize, _samples - of * _batchSize);
                _pending[of] = batch = new Pending { Samples = new TSample[size], Open = size };
            }
            return (number, batch);
        }
    }

    private sealed class Pending
    {
        public required TSample[] Samples { get; set; }

        public required int Open { get; set; }

        public TBatch? Result { get; set; }

        public bool Done { get; set; }

        public ExceptionDispatchInfo? Failure { get; set; }

        public int FailedAt { get; set; } = int.MaxValue;
    }
}
