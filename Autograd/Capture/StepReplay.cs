using Gradwright.Kernels;

namespace Gradwright;

/// <summary>A recorded step, bound to memory of its own, that can be repeated.</summary>
internal sealed class StepReplay : IDisposable
{
    private static readonly Copy _copy = new();

    private readonly List<RecordedBlock> _held;
    private readonly MemoryBuffer? _arena;
    private readonly Tensor[] _bound, _inputs, _results;
    private readonly BoundWork[] _works;
    private readonly ReplayCondition[] _conditions;
    private readonly MemoryBuffer[] _changed;
    private readonly (Tensor Parameter, Tensor? Gradient)[] _gradients;
    private readonly Stream[] _streams;

    /// <summary>Binds a recording that <see cref="StepRecording.Finish"/> has closed.</summary>
    /// <param name="recording">The recording.</param>
    /// <param name="held">What Finish returned: from now on the replay's.</param>
    /// <param name="inputs">The tensors that the step got; the replay frees them.</param>
    /// <param name="results">The tensors that it returned; the replay frees them.</param>
    public StepReplay(StepRecording recording, List<RecordedBlock> held, Tensor[] inputs, Tensor[] results)
    {
        (_held, _inputs, _results) = (held, inputs, results);
        Recording = recording;
        RecordedBlock[] temporary = [.. recording.Temporaries()];
        Plan = new(temporary);
        Accelerator[] accelerators = [.. temporary.Select(block => block.Buffer.Accelerator).Distinct()];
        if (accelerators.Length > 1) throw new CaptureException($"A captured step computes on one accelerator, but this one used {string.Join(" and ", accelerators.Select(a => a.Name))}.");
        if (accelerators.Length == 1)
        {
            // What the recorded run had beyond the plan waits in the cache for a tape that need not come back.
            accelerators[0].Pool.Trim();
            _arena = accelerators[0].Pool.Rent(Plan.ArenaBytes);
        }

        StepBinding binding = new(_arena);
        _works = [.. recording.Works.Select(work => work.Bind(binding)).OfType<BoundWork>()];
        _conditions = [.. recording.Conditions];
        _changed = [.. held.Where(block => block.IsWritten).Select(block => block.Buffer)];
        _gradients = [.. recording.Differentiated.Select(parameter => (parameter, parameter.Grad?.Alias(ownership: Tensor.Ownership.Internal)))];
        _streams = [.. recording.Streams.Select(stream => new Stream(stream.Key, stream.Value.Counter, stream.Key.State.Counter - stream.Value.Counter,
            [.. binding.Draws.Where(draw => recording.StreamOf(draw.Op.Key, draw.Counter) == stream.Key)]))];
        _bound = [.. binding.Tensors];
    }

    /// <summary>What was recorded.</summary>
    public StepRecording Recording { get; }

    /// <summary>Where the temporary blocks lie.</summary>
    public MemoryPlan Plan { get; }

    /// <summary>What the step takes: written before each repetition.</summary>
    public Tensor[] Inputs => _inputs;

    /// <summary>What the step returns; each repetition overwrites it.</summary>
    public Tensor[] Results => _results;

    /// <summary>Whether a repetition would do what the step itself would do now.</summary>
    public bool IsValid
    {
        get
        {
            foreach (ReplayCondition condition in _conditions)
                if (!condition.Holds) return false;
            return true;
        }
    }

    /// <summary>Does again what was recorded.</summary>
    /// <param name="inputs">Of the shapes and types of those that were recorded.</param>
    public void Run(ReadOnlySpan<Tensor> inputs)
    {
        for (int i = 0; i < inputs.Length; i++)
        {
            _copy.Compute(inputs[i].Accelerator, inputs.Slice(i, 1), _inputs.AsSpan(i, 1));
            _inputs[i].Buffer.BumpVersion();
        }

        foreach (Stream stream in _streams) stream.MoveOn();
        foreach (BoundWork work in _works) work.Run();
        foreach (MemoryBuffer buffer in _changed) buffer.BumpVersion();
        foreach ((Tensor parameter, Tensor? gradient) in _gradients)
        {
            if (gradient is null) parameter.ZeroGrad();
            else if (parameter.Grad?.Buffer != gradient.Buffer) parameter.AdoptGrad(gradient);
        }
    }

    public void Dispose()
    {
        foreach (Tensor tensor in _bound) tensor.Free();
        foreach ((_, Tensor? gradient) in _gradients) gradient?.Free();
        foreach (Tensor tensor in _inputs) tensor.Dispose();
        foreach (Tensor tensor in _results) tensor.Dispose();
        foreach (RecordedBlock block in _held) block.Buffer.Release();
        _held.Clear();
        foreach (IDisposable prepared in Recording.Prepared) prepared.Dispose();
        _arena?.Release();
    }

    /// <summary>A generator whose numbers the step draws, and the ops that draw them.</summary>
    private sealed class Stream(Generator generator, ulong first, ulong blocks, (IStreamOp Op, ulong Counter)[] draws)
    {
        /// <summary>The ops draw what comes next, and the generator moves on as if they had reserved it.</summary>
        public void MoveOn()
        {
            ulong distance = generator.State.Counter - first;
            foreach ((IStreamOp op, ulong counter) in draws) op.Counter = counter + distance;
            generator.Reserve((long)blocks);
        }
    }
}
