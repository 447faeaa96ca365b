using System.Globalization;

namespace Gradwright.Layers;

/// <summary>
/// Long short-term memories (Hochreiter and Schmidhuber 1997; Gers et al. 2000): i, f, g, o = W_ih xₜ + b_ih + W_hh hₜ₋₁ + b_hh, cₜ = σ(f) cₜ₋₁ + σ(i) tanh(g),
/// hₜ = σ(o) tanh(cₜ). The weights' rows are those of i, f, g, o.
/// </summary>
/// <example><code>
/// LSTM lstm = new(128, 256, layers: 2);
/// (Tensor output, LstmState state) = lstm.Forward(x);                     // [T, N, 128] → [T, N, 256], and [2, N, 256] twice
/// (output, state) = lstm.Forward(next, state.Detach(), lengths);
/// </code></example>
/// <param name="inputs">Numbers per position of the input.</param>
/// <param name="hidden">Numbers of the state, H.</param>
/// <param name="layers">Layers one above the other.</param>
/// <param name="bidirectional">Whether a second recurrence runs from the end to the start in each layer.</param>
/// <param name="batchFirst">Whether sequences are [N, T, ·] instead of [T, N, ·]; states are not affected.</param>
/// <param name="bias">Whether b_ih and b_hh are there.</param>
/// <param name="dropout">In training, the rate of dropout between layers.</param>
/// <param name="forgetBias">
/// What the forget gates' two biases start with in sum: 1 lets memories last from the first step on (Gers et al. 2000; Jozefowicz et al. 2015). By default they start
/// like the others, as in PyTorch.
/// </param>
/// <param name="dtype">The type of the parameters.</param>
public sealed class LSTM(int inputs, int hidden, int layers = 1, bool bidirectional = false, bool batchFirst = false, bool bias = true, double dropout = 0, double? forgetBias = null,
    DType dtype = DType.Float32) : RecurrentLayer<LstmState>(4, inputs, hidden, layers, bidirectional, batchFirst, bias, dropout, dtype)
{
    private readonly double? _forgetBias = LstmCell.CheckForgetBias(nameof(LSTM), forgetBias, bias);

    /// <summary>A cell that shares the parameters of a layer's forward direction: for taking one step at a time.</summary>
    public LstmCell Cell(int layer = 0) => new(OfLayer(layer), _forgetBias, isShared: true);

    private protected override string More => _forgetBias is { } value ? $", forgetBias: {value.ToString(CultureInfo.InvariantCulture)}" : "";

    protected override void Reset(Generator generator)
    {
        base.Reset(generator);
        if (_forgetBias is not { } value) return;
        foreach (RecurrentWeights weights in Weights) weights.SetForgetBias(value);
    }

    private protected override (Tensor Output, Tensor[] Last) Run(Tensor products, RecurrentWeights weights, Tensor[] first, Tensor? lengths, bool reverse)
    {
        (Tensor y, Tensor h, Tensor c) = products.LstmSequence(weights.Recurrent, first[0], first[1], weights.RecurrentBias, lengths, reverse);
        return (y, [h, c]);
    }

    private protected override (string Name, Tensor? Part)[] Parts(LstmState? state) => [("the state's Hidden", state?.Hidden), ("the state's Cell", state?.Cell)];
    private protected override LstmState Join(Tensor[] parts) => new(parts[0], parts[1]);
}
