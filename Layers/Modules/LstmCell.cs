using System.Globalization;

namespace Gradwright.Layers;

/// <summary>One step of <see cref="LSTM"/>.</summary>
public sealed class LstmCell : RecurrentCell<LstmState>
{
    private readonly double? _forgetBias;

    /// <summary>A cell with parameters of its own.</summary>
    /// <param name="inputs">Numbers of the input.</param>
    /// <param name="hidden">Numbers of the state, H.</param>
    /// <param name="bias">Whether b_ih and b_hh are there.</param>
    /// <param name="forgetBias">What the forget gates' two biases start with in sum, such as 1; by default they start like the others.</param>
    /// <param name="dtype">The type of the parameters.</param>
    public LstmCell(int inputs, int hidden, bool bias = true, double? forgetBias = null, DType dtype = DType.Float32)
        : this(Create(nameof(LstmCell), 4, inputs, hidden, bias, dtype), CheckForgetBias(nameof(LstmCell), forgetBias, bias), isShared: false) { }

    internal LstmCell(RecurrentWeights weights, double? forgetBias, bool isShared) : base(weights, isShared) => _forgetBias = forgetBias;

    public override string ToString() => Describe(_forgetBias is { } value ? $", forgetBias: {value.ToString(CultureInfo.InvariantCulture)}" : "");

    /// <exception cref="ArgumentException">There is no bias to start with a value.</exception>
    internal static double? CheckForgetBias(string layer, double? forgetBias, bool bias)
        => forgetBias is null || bias ? forgetBias : throw new ArgumentException($"{layer}: forgetBias is {forgetBias}, but there are no biases. Leave bias at true, or leave forgetBias out.", nameof(forgetBias));

    private protected override void Fill(Generator generator)
    {
        base.Fill(generator);
        if (_forgetBias is { } value) Weights.SetForgetBias(value);
    }

    private protected override LstmState Step(Tensor products, LstmState? state, Func<Tensor> zeros)
    {
        (_, Tensor h, Tensor c) = products.LstmSequence(WeightHH, state?.Hidden ?? zeros(), state?.Cell ?? zeros(), BiasHH);
        return new(h, c);
    }
}
