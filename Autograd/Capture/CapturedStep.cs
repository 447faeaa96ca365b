using Gradwright.Kernels;

namespace Gradwright;

/// <summary>A step that is repeated rather than run: see <see cref="Capture"/>. It belongs to one thread at a time.</summary>
public sealed class CapturedStep : IDisposable
{
    private const int MostVariants = 8;     // inputs of many shapes: the oldest recording goes
    private const int MostRecordings = 2 * MostVariants;    // before their number is held against that of the repetitions

    private readonly int _arity;
    private readonly Func<Tensor[], Tensor[]> _step;
    private readonly bool _folds, _isLenient;
    private readonly List<Variant> _variants = [];
    private Tensor[] _results = [];
    private Variant? _last;
    private bool _isRefused, _isDisposed;

    internal CapturedStep(int arity, Func<Tensor[], Tensor[]> step, bool folds = false, bool isLenient = false)
        => (_arity, _step, _folds, _isLenient) = (arity, step, folds, isLenient);

    /// <summary>Recordings so far: one per shape of the inputs, and one for each time that something else had changed.</summary>
    public int Recordings { get; private set; }

    /// <summary>Repetitions so far.</summary>
    public long Repetitions { get; private set; }

    /// <summary>Why the step runs as usual instead of being repeated, for good or as long as events of its modules are listened to; null where nothing stands against it.</summary>
    public string? Refusal { get; private set; }

    /// <summary>What was recorded for the inputs of the last run; null while they are new. It belongs to this object.</summary>
    public CapturedGraph? Graph => _last?.Graph;

    /// <summary>Runs the step, or repeats it.</summary>
    /// <param name="inputs">As many as the step takes.</param>
    /// <returns>The step's (first) result. It belongs to this object and holds until the next run; Copy() it to keep it longer.</returns>
    /// <exception cref="CaptureException">The step does something that cannot be repeated; the message says what. It has run as far as that.</exception>
    public Tensor Run(params ReadOnlySpan<Tensor> inputs)
    {
        IReadOnlyList<Tensor> results = RunAll(inputs);
        return results.Count > 0 ? results[0] : throw new InvalidOperationException("The captured step returns no tensor. Use RunAll.");
    }

    /// <summary>As <see cref="Run"/>, with all results.</summary>
    public IReadOnlyList<Tensor> RunAll(params ReadOnlySpan<Tensor> inputs)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (inputs.Length != _arity) throw new ArgumentException($"The captured step takes {_arity} inputs, but {inputs.Length} were given.", nameof(inputs));
        StepListener.Current?.Refuse("A captured step cannot run within another one.");
        using Tape.Pause pause = Tape.NoRecord();
        if (_isRefused) return RunAsUsual(inputs);
        Variant variant = _last = Find(inputs);
        if (variant.Replay is { IsValid: false }) variant.Forget();
        if (!variant.HasRun || Anomaly.IsOn || OpMonitor.IsOn)
        {
            variant.HasRun = true;
            return RunAsUsual(inputs);
        }

        if (variant.Replay is not { } replay) return Record(variant, inputs);
        replay.Run(inputs);
        Repetitions++;
        return replay.Results;
    }

    /// <summary>Frees the recordings, their memory and the last results.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        FreeResults();
        Forget();
    }

    private void Forget()
    {
        foreach (Variant variant in _variants) variant.Forget();
        _variants.Clear();
        _last = null;
    }

    private Tensor[] RunAsUsual(ReadOnlySpan<Tensor> inputs)
    {
        FreeResults();
        return _results = Perform(inputs.ToArray());
    }

    private Variant Find(ReadOnlySpan<Tensor> inputs)
    {
        foreach (Variant variant in _variants)
            if (variant.Fits(inputs)) return variant;
        if (_variants.Count == MostVariants)
        {
            _variants[0].Forget();
            _variants.RemoveAt(0);
        }

        Variant found = new(inputs);
        _variants.Add(found);
        return found;
    }

    private Tensor[] Perform(Tensor[] inputs)
    {
        using TensorScope scope = new();
        Tensor[] results = _step(inputs);
        ArgumentNullException.ThrowIfNull(results);
        for (int j = 0; j < results.Length; j++)
        {
            if (results[j] is null) throw new InvalidOperationException($"Result {j} of the captured step is null.");
            if (results[j].IsDisposed)
                throw new InvalidOperationException($"Result {j} of the captured step was freed by a brace inside the step. Hand it out with TensorScope.Keep(tensor).");
        }

        return Array.ConvertAll(results, result => result.Alias(ownership: Tensor.Ownership.Caller));
    }

    private Tensor[] Record(Variant variant, ReadOnlySpan<Tensor> inputs)
    {
        if (_isLenient && Recordings >= MostRecordings && Repetitions < Recordings)
        {
            Refuse($"What the step depends on changes too often: {Recordings} recordings have served for {Repetitions} repetitions. Keep shapes, modes and frozen parameters as they are.");
            return RunAsUsual(inputs);
        }

        Tensor[] own = new Tensor[inputs.Length];
        for (int i = 0; i < own.Length; i++)
        {
            own[i] = Tensor.Empty(inputs[i].Layout.ForNewBuffer(), inputs[i].DType, inputs[i].Accelerator, Tensor.Ownership.Caller);
            new Copy().ExecuteInto(own[i], inputs[i]);
        }

        StepRecording recording = new(_isLenient);
        Tensor[] results = [];
        try
        {
            using (recording.Listen()) results = Perform(own);
        }
        catch
        {
            recording.Abandon();
            foreach (Tensor tensor in own) tensor.Dispose();
            throw;
        }

        if (recording.IsObserved || recording.Refusal is not null)
        {
            recording.Abandon();
            if (recording.IsObserved) Refusal = "Events of the step's modules are listened to (Forwarding, Forwarded), which a repetition would not raise.";
            else Refuse(recording.Refusal!);
            return Hand(own, results);
        }

        try
        {
            variant.Replay = Bind(recording, own, results);
        }
        catch (CaptureException e) when (_isLenient)
        {
            Refuse(e.Message);
            return Hand(own, results);
        }
        catch
        {
            foreach (Tensor tensor in own.Concat(results)) tensor.Dispose();
            throw;
        }

        Refusal = null;
        Recordings++;
        return results;
    }

    private StepReplay Bind(StepRecording recording, Tensor[] own, Tensor[] results)
    {
        List<RecordedBlock> held = [];
        try
        {
            held = recording.Finish();
            if (_folds)
            {
                ConstantFolding.Apply(recording, held);
                GraphFusion.Apply(recording, held);
                ChannelsLastPlan.Apply(recording);
                ChainFusion.Apply(recording);
                FilterPreparation.Apply(recording);
            }
            else
            {
                GraphFusion.Rectify(recording);
            }

            return new(recording, held, own, results);
        }
        catch
        {
            foreach (RecordedBlock block in held) block.Buffer.Release();
            foreach (IDisposable prepared in recording.Prepared) prepared.Dispose();
            throw;
        }
    }

    /// <summary>The results of a step that ran as usual, although it should have been recorded.</summary>
    private Tensor[] Hand(Tensor[] own, Tensor[] results)
    {
        foreach (Tensor tensor in own) tensor.Dispose();
        FreeResults();
        return _results = results;
    }

    private void Refuse(string reason)
    {
        (_isRefused, Refusal) = (true, reason);
        Forget();
    }

    private void FreeResults()
    {
        foreach (Tensor result in _results) result.Dispose();
        _results = [];
    }

    /// <summary>The step for inputs of certain shapes, types and layouts.</summary>
    private sealed class Variant
    {
        private readonly (Layout Layout, DType DType, Accelerator Accelerator)[] _inputs;
        private readonly MixedPrecision _mixed = MixedPrecisions.Current;
        private readonly KernelModes _modes = KernelModes.Current;
        private CapturedGraph? _graph;

        public Variant(ReadOnlySpan<Tensor> inputs)
        {
            _inputs = new (Layout, DType, Accelerator)[inputs.Length];
            for (int i = 0; i < _inputs.Length; i++) _inputs[i] = (inputs[i].Layout, inputs[i].DType, inputs[i].Accelerator);
        }

        public bool HasRun { get; set; }

        public StepReplay? Replay { get; set; }

        public CapturedGraph? Graph => _graph ??= Replay is { } replay ? new(replay) : null;

        /// <summary>Frees the recording.</summary>
        public void Forget()
        {
            _graph?.Dispose();
            Replay?.Dispose();
            (_graph, Replay) = (null, null);
        }

        public bool Fits(ReadOnlySpan<Tensor> inputs)
        {
            if (_mixed != MixedPrecisions.Current || _modes != KernelModes.Current) return false;
            for (int i = 0; i < _inputs.Length; i++)
            {
                (Layout layout, DType dtype, Accelerator accelerator) = _inputs[i];
                Tensor x = inputs[i];
                if (x.DType != dtype || x.Accelerator != accelerator) return false;
                if (!ReferenceEquals(x.Layout, layout) && !(x.Shape == layout.Shape && x.Layout.Strides.SequenceEqual(layout.Strides))) return false;
            }

            return true;
        }
    }
}
