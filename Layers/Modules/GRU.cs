namespace Gradwright.Layers;

/// <summary>
/// Gated recurrent units (Cho et al. 2014), with the reset gate after the product: r = σ(W_ir xₜ + b_ir + W_hr hₜ₋₁ + b_hr), z likewise,
/// n = tanh(W_in xₜ + b_in + r (W_hn hₜ₋₁ + b_hn)), hₜ = (1 − z) n + z hₜ₋₁. The weights' rows are those of r, z, n.
/// </summary>
/// <param name="inputs">Numbers per position of the input.</param>
/// <param name="hidden">Numbers of the state, H.</param>
/// <param name="layers">Layers one above the other.</param>
/// <param name="bidirectional">Whether a second recurrence runs from the end to the start in each layer.</param>
/// <param name="batchFirst">Whether sequences are [N, T, ·] instead of [T, N, ·]; states are not affected.</param>
/// <param name="bias">Whether b_ih and b_hh are there.</param>
/// <param name="dropout">In training, the rate of dropout between layers.</param>
/// <param name="dtype">The type of the parameters.</param>
public sealed class GRU(int inputs, int hidden, int layers = 1, bool bidirectional = false, bool batchFirst = false, bool bias = true, double dropout = 0, DType dtype = DType.Float32)
    : RecurrentLayer<Tensor>(3, inputs, hidden, layers, bidirectional, batchFirst, bias, dropout, dtype)
{
    /// <summary>A cell that shares the parameters of a layer's forward direction: for taking one step at a time.</summary>
    public GruCell Cell(int layer = 0) => new(OfLayer(layer), isShared: true);

    private protected override (Tensor Output, Tensor[] Last) Run(Tensor products, RecurrentWeights weights, Tensor[] first, Tensor? lengths, bool reverse)
    {
        (Tensor y, Tensor last) = products.GruSequence(weights.Recurrent, first[0], weights.RecurrentBias, lengths, reverse);
        return (y, [last]);
    }

    private protected override (string Name, Tensor? Part)[] Parts(Tensor? state) => [("the state", state)];
    private protected override Tensor Join(Tensor[] parts) => parts[0];
}
