namespace Gradwright.Layers;

/// <summary>One step of <see cref="GRU"/>.</summary>
public sealed class GruCell : RecurrentCell<Tensor>
{
    /// <summary>A cell with parameters of its own.</summary>
    /// <param name="inputs">Numbers of the input.</param>
    /// <param name="hidden">Numbers of the state, H.</param>
    /// <param name="bias">Whether b_ih and b_hh are there.</param>
    /// <param name="dtype">The type of the parameters.</param>
    public GruCell(int inputs, int hidden, bool bias = true, DType dtype = DType.Float32) : this(Create(nameof(GruCell), 3, inputs, hidden, bias, dtype), isShared: false) { }

    internal GruCell(RecurrentWeights weights, bool isShared) : base(weights, isShared) { }

    public override string ToString() => Describe("");

    private protected override Tensor Step(Tensor products, Tensor? state, Func<Tensor> zeros) => products.GruSequence(WeightHH, state ?? zeros(), BiasHH).Hidden;
}
