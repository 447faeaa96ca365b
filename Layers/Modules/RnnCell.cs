namespace Gradwright.Layers;

/// <summary>One step of <see cref="RNN"/>: h' = tanh(W_ih x + b_ih + W_hh h + b_hh).</summary>
public sealed class RnnCell : RecurrentCell<Tensor>
{
    private readonly RnnActivation _activation;

    /// <summary>A cell with parameters of its own.</summary>
    /// <param name="inputs">Numbers of the input.</param>
    /// <param name="hidden">Numbers of the state, H.</param>
    /// <param name="activation">The hyperbolic tangent, or max(·, 0).</param>
    /// <param name="bias">Whether b_ih and b_hh are there.</param>
    /// <param name="dtype">The type of the parameters.</param>
    public RnnCell(int inputs, int hidden, RnnActivation activation = RnnActivation.Tanh, bool bias = true, DType dtype = DType.Float32)
        : this(Create(nameof(RnnCell), 1, inputs, hidden, bias, dtype), activation, isShared: false) { }

    internal RnnCell(RecurrentWeights weights, RnnActivation activation, bool isShared) : base(weights, isShared) => _activation = activation;

    public override string ToString() => Describe(_activation == RnnActivation.Tanh ? "" : $", activation: {_activation}");

    private protected override Tensor Step(Tensor products, Tensor? state, Func<Tensor> zeros) => products.RnnSequence(WeightHH, state ?? zeros(), BiasHH, activation: _activation).Hidden;
}
