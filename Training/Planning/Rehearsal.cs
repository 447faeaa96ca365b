using Gradwright.Data;
using Gradwright.Layers;
using Gradwright.Optim;

namespace Gradwright.Training;

/// <summary>
/// Takes training steps that compute nothing, on memory that is not there, and counts their bytes. Until it ends, model and optimizer are lent to it.
/// </summary>
internal sealed class Rehearsal : IDisposable
{
    private readonly TrainingPlan _plan;
    private readonly DryAccelerator _dry = new();
    private readonly Tensor[] _parameters, _buffers;
    private readonly Loan _model;
    private readonly Optimizer.Loan _optimizer;
    private bool _hasState;

    /// <exception cref="ArgumentException">The optimizer has parameters that are not the model's.</exception>
    public Rehearsal(TrainingPlan plan)
    {
        if (StepListener.Current is not null) throw new CaptureException("TrainingPlan: cannot be part of a captured step. Plan before the training.");
        _plan = plan;
        _parameters = [.. plan.Model.Parameters()];
        HashSet<Tensor> own = new(_parameters, ReferenceEqualityComparer.Instance);
        _buffers = [.. plan.Model.StateDictionary().Values.Where(tensor => !own.Contains(tensor)).Distinct<Tensor>(ReferenceEqualityComparer.Instance)];
        foreach (Tensor parameter in plan.Optimizer.Groups.SelectMany(group => group.Parameters))
        {
            if (!own.Contains(parameter))
                throw new ArgumentException($"TrainingPlan: the optimizer changes {parameter.Describe()}, which is none of the parameters of {plan.Model}. Plan a model that holds all that is trained.");
        }

        _optimizer = plan.Optimizer.Lend();
        try
        {
            _model = new(plan.Model, quiet: false, dry: _dry);
        }
        catch
        {
            _optimizer.Dispose();
            throw;
        }
    }

    /// <summary>The memory of a step that is not the first one: the optimizer's states exist throughout.</summary>
    public StepMemory Step(int batch)
    {
        if (!_hasState) Run(batch);
        _hasState = true;
        return Run(batch);
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _model.Dispose();
    }

    private StepMemory Run(int batch)
    {
        using TensorScope scope = new();
        // Every batch after the second is like the second.
        GradientAccumulator accumulator = new(_parameters, Math.Min(_plan.AccumulateSteps, 2));
        HashSet<Tensor> strangers = new(ReferenceEqualityComparer.Instance);
        _dry.Pool.ResetPeak();
        try
        {
            _plan.Optimizer.Prepare();
            (long saved, long samples) = (0, 0);
            while (!accumulator.IsComplete) (saved, samples) = Differentiate(batch, accumulator, strangers);
            accumulator.Finish();
            if (strangers.Count > 0)
                throw new ArgumentException($"TrainingPlan: the loss trains {strangers.First().Describe()}, which is none of the parameters of {_plan.Model}. Plan a model that holds all that is trained.");
            long gradients = Bytes(_parameters.Select(parameter => parameter.Grad).OfType<Tensor>());
            _plan.Optimizer.Step();
            return new(batch, Bytes(_parameters), Bytes(_buffers), gradients, _plan.Optimizer.StateBytes, _plan.AverageBytes, samples, saved,
                _dry.Pool.Statistics.PeakBytes + _plan.AverageBytes);
        }
        finally
        {
            foreach (Tensor parameter in _parameters) parameter.ZeroGrad();
            foreach (Tensor stranger in strangers) stranger.ZeroGrad();
        }
    }

    private (long Saved, long Samples) Differentiate(int batch, GradientAccumulator accumulator, HashSet<Tensor> strangers)
    {
        using TensorScope scope = new();
        Tensor input = SamplesOf(_plan.Input, batch), target = SamplesOf(_plan.Target, batch);
        using Tape tape = new();
        using MixedPrecisions.Usage precision = (_plan.Precision == MixedPrecision.Off ? MixedPrecisions.Current : _plan.Precision).Use();
        tape.GradientReady += parameter =>
        {
            if (parameter.Accelerator != _dry) strangers.Add(parameter);
        };
        Tensor loss = _plan.Loss(_plan.Model.Forward(input), target);
        long saved = tape.SavedBytes;
        accumulator.Backward(tape, _plan.ScalesLoss ? Scaled(loss) : loss);
        return (saved, Bytes([input, target]));
    }

    // As LossScaler does, with a scale that is not there.
    private Tensor Scaled(Tensor loss)
    {
        if (loss.DType.IsHalf) loss = loss.Cast(DType.Float32);
        return loss * Tensor.Empty([], loss.DType, _dry);
    }

    private Tensor SamplesOf(SampleSpec sample, int batch) => Tensor.Empty(Shape.Create([batch, .. sample.Shape.Span]), sample.DType, _dry);

    private static long Bytes(IEnumerable<Tensor> tensors) => tensors.Sum(tensor => tensor.Count * tensor.DType.Size);
}
