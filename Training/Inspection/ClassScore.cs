using Gradwright.Layers;

namespace Gradwright.Training;

/// <summary>
/// What a classifier makes of some inputs, as one number each, to be differentiated. As long as it is open the model is a <see cref="ConstantModel"/>.
/// </summary>
internal sealed class ClassScore : IDisposable
{
    private readonly Module<Tensor, Tensor> _model;
    private readonly string _caller;
    private readonly ConstantModel _constant;
    private readonly Tensor _classes;       // [n, 1]
    private readonly long _lowest, _highest;        // of the classes that were given

    /// <param name="model">[n, …] → scores [n, classes].</param>
    /// <param name="x">Inputs [n, …].</param>
    /// <param name="classes">One for each input; none: those with the highest scores.</param>
    /// <param name="caller">For messages.</param>
    public ClassScore(Module<Tensor, Tensor> model, Tensor x, ReadOnlySpan<long> classes, string caller)
    {
        if (!x.DType.IsFloating)
            throw new DTypeException($"{caller}: x {x.Describe()} has no gradient. Cast it to a floating-point type, or give what an embedding makes of it to the layers behind.");
        if (x.Rank < 2 || x.Count == 0) throw new ShapeException($"{caller}: x {x.Shape} must be a batch of inputs [n, …]. Unsqueeze(0) makes a batch of one.");
        if (!classes.IsEmpty && classes.Length != x.Shape[0])
            throw new ArgumentException($"{caller}: there are {classes.Length} classes for the {x.Shape[0]} inputs of {x.Shape}. Give one for each, or none for those with the highest scores.", nameof(classes));
        (_model, Input, _caller) = (model, x, caller);
        foreach (long @class in classes) (_lowest, _highest) = (Math.Min(_lowest, @class), Math.Max(_highest, @class));
        _constant = new(model);
        try
        {
            _classes = (classes.IsEmpty ? Run(x).ArgMax(1) : Tensor.From(classes, [classes.Length], x.Accelerator)).Unsqueeze(1);
        }
        catch
        {
            _constant.Dispose();
            throw;
        }
    }

    /// <summary>The inputs [n, …].</summary>
    public Tensor Input { get; }

    /// <summary>Number of inputs.</summary>
    public long Count => Input.Shape[0];

    /// <summary>The scores [n] of the classes for inputs [n, …], or for several variants of all of them [variants · n, …].</summary>
    public Tensor Of(Tensor x)
    {
        Tensor scores = Run(x);
        long variants = x.Shape[0] / Count;
        if (_lowest < 0 || _highest >= scores.Shape[1])
            throw new ArgumentException($"{_caller}: there is no class {(_lowest < 0 ? _lowest : _highest)}. {_model.Location} tells {scores.Shape[1]} classes apart, counted from 0.");
        Tensor classes = variants == 1 ? _classes : _classes.Expand([variants, Count, 1]).Reshape(variants * Count, 1);
        return scores.Gather(1, classes).Squeeze(1);
    }

    /// <summary>∂score/∂x, of the shape of the inputs. Those of a batch do not mix: none has a part in another's score.</summary>
    public Tensor Gradient(Tensor x)
    {
        using Tape tape = new();
        Tensor watched = tape.Watch(x.Detach());
        return TensorScope.Keep(tape.Gradients(Of(watched).Sum(), [watched])[0]);
    }

    /// <summary>The results [n, …] of a layer for the inputs, and ∂score/∂results.</summary>
    public (Tensor Result, Tensor Gradient) AtLayer(LayerProbe probe)
    {
        using Tape tape = new();
        Tensor score = Of(tape.Watch(Input.Detach())).Sum(), result = probe.Take();
        Tensor gradient = tape.Gradients(score, [result])[0];
        return (TensorScope.Keep(result), TensorScope.Keep(gradient));
    }

    public void Dispose() => _constant.Dispose();

    private Tensor Run(Tensor x)
    {
        Tensor scores = _model.Forward(x);
        return scores.Rank == 2 && scores.Shape[0] == x.Shape[0] && scores.Shape[1] > 0 && scores.DType.IsFloating ? scores
            : throw new ShapeException($"{_caller}: {_model.Location} made {scores.Shape} {scores.DType} of {x.Shape}, but scores [{x.Shape[0]}, classes] are needed.");
    }
}
