using Gradwright.Layers;

namespace Gradwright.Training;

/// <summary>
/// A copy of a model to try things on. A module cannot be copied (it may hold anything), but its tensors can: until the loan ends, every parameter and buffer is the same
/// object over other memory. The memory itself, gradients, random streams and modes come back as they were, bit for bit. Loans nest.
/// </summary>
internal sealed class Loan : IDisposable
{
    private readonly List<Lent> _tensors = [];
    private readonly ModelModes _modes;

    /// <summary>Lends a model whose parameters exist.</summary>
    /// <param name="model">The model.</param>
    /// <param name="precision">Floating-point tensors get this element type until the end; null leaves them theirs.</param>
    /// <param name="quiet">Training mode without dropout, so that what is measured is the model itself.</param>
    /// <param name="dry">Where they lie until then, with undefined contents; null copies them where they are.</param>
    public Loan(Module model, DType? precision = null, bool quiet = true, DryAccelerator? dry = null)
    {
        _modes = new(model);
        foreach (Tensor tensor in model.StateDictionary().Values.Distinct<Tensor>(ReferenceEqualityComparer.Instance)) _tensors.Add(new(tensor, precision, dry));
        model.Train();
        if (quiet) Quieten(model);
    }

    /// <summary>Switches dropout off; norms go on taking the batch's statistics.</summary>
    public static void Quieten(Module model)
    {
        foreach ((_, Module module) in model.Walk())
        {
            if (module is not (Dropout or AlphaDropout or SpatialDropout or DropConnect or StochasticDepth)) continue;
            module.Eval();
            foreach ((_, Module inner) in module.Children) inner.Train();
        }
    }

    public void Dispose()
    {
        foreach (Lent tensor in _tensors) tensor.Return();
        _modes.Dispose();
    }

    /// <summary>One tensor, and all that it was before.</summary>
    private sealed class Lent
    {
        private readonly Tensor _tensor;
        private readonly MemoryBuffer _buffer;
        private readonly Layout _layout;
        private readonly DType _dtype;
        private readonly Tensor? _gradient;
        private readonly bool _gradientIsAssigned;

        public Lent(Tensor tensor, DType? precision, DryAccelerator? dry)
        {
            (_tensor, _buffer, _layout, _dtype, _gradientIsAssigned) = (tensor, tensor.Buffer, tensor.Layout, tensor.DType, tensor.GradIsAssigned);
            _buffer.AddReference();
            if (_gradientIsAssigned)
            {
                _gradient = tensor.Grad;
                tensor.Grad = null;
            }
            else
            {
                _gradient = tensor.Grad?.Alias(ownership: Tensor.Ownership.Internal);
                tensor.ZeroGrad();
            }

            using TensorScope scope = new();
            using Tape.Pause pause = Tape.NoRecord();
            Tensor source = tensor.Detach(), copy = dry is not null ? Tensor.Empty(_layout.ForNewBuffer(), _dtype, dry) : precision is { } type && _dtype.IsFloating && type != _dtype ? source.Cast(type) : source.Copy();
            (Layout layout, DType dtype) = (copy.Layout, copy.DType);
            tensor.Replace(copy.Surrender(), layout, dtype);
        }

        public void Return()
        {
            _tensor.ZeroGrad();
            _tensor.Replace(_buffer, _layout, _dtype);
            if (_gradientIsAssigned) _tensor.Grad = _gradient;
            else if (_gradient is not null)
            {
                _tensor.AdoptGrad(_gradient);
                _gradient.Free();
            }
        }
    }
}
