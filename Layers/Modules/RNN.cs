namespace Gradwright.Layers;

/// <summary>Simple recurrent layers (Elman 1990): hₜ = tanh(W_ih xₜ + b_ih + W_hh hₜ₋₁ + b_hh).</summary>
/// <param name="inputs">Numbers per position of the input.</param>
/// <param name="hidden">Numbers of the state, H.</param>
/// <param name="layers">Layers one above the other.</param>
/// <param name="activation">The hyperbolic tangent, or max(·, 0).</param>
/// <param name="bidirectional">Whether a second recurrence runs from the end to the start in each layer.</param>
/// <param name="batchFirst">Whether sequences are [N, T, ·] instead of [T, N, ·]; states are not affected.</param>
/// <param name="bias">Whether b_ih and b_hh are there.</param>
/// <param name="dropout">In training, the rate of dropout between layers.</param>
/// <param name="dtype">The type of the parameters.</param>
public sealed class RNN(int inputs, int hidden, int layers = 1, RnnActivation activation = RnnActivation.Tanh, bool bidirectional = false, bool batchFirst = false, bool bias = true, double dropout = 0,
    DType dtype = DType.Float32) : RecurrentLayer<Tensor>(1, inputs, hidden, layers, bidirectional, batchFirst, bias, dropout, dtype)
{
    /// <summary>A cell that shares the parameters of a layer's forward direction: for taking one step at a time.</summary>
    public RnnCell Cell(int layer = 0) => new(OfLayer(layer), activation, isShared: true);

    private protected override string More => activation == RnnActivation.Tanh ? "" : $", activation: {activation}";

    private protected override (Tensor Output, Tensor[] Last) Run(Tensor products, RecurrentWeights weights, Tensor[] first, Tensor? lengths, bool reverse)
    {
        (Tensor y, Tensor last) = products.RnnSequence(weights.Recurrent, first[0], weights.RecurrentBias, lengths, reverse, activation);
        return (y, [last]);
    }

    private protected override (string Name, Tensor? Part)[] Parts(Tensor? state) => [("the state", state)];
    private protected override Tensor Join(Tensor[] parts) => parts[0];
}
