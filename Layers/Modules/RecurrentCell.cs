namespace Gradwright.Layers;

/// <summary>What RnnCell, LstmCell and GruCell share: one step of a recurrence, [N, inputs] and a state → the next state. It runs the layers' own kernels.</summary>
/// <typeparam name="TState">The state: [N, H].</typeparam>
/// <remarks>Parameters are named as PyTorch names them: <c>weight_ih</c>, <c>weight_hh</c>, <c>bias_ih</c>, <c>bias_hh</c>. All start uniform in ±1/√H.</remarks>
public abstract class RecurrentCell<TState> : Module<(Tensor X, TState? State), TState> where TState : class
{
    private readonly bool _isShared;

    private protected RecurrentCell(RecurrentWeights weights, bool isShared)
        => (WeightIH, WeightHH, BiasIH, BiasHH, _isShared) = (weights.Input, weights.Recurrent, weights.InputBias, weights.RecurrentBias, isShared);

    /// <summary>W_ih, [gates · H, inputs].</summary>
    public Tensor WeightIH { get; }

    /// <summary>W_hh, [gates · H, H].</summary>
    public Tensor WeightHH { get; }

    /// <summary>b_ih, [gates · H], or null.</summary>
    public Tensor? BiasIH { get; }

    /// <summary>b_hh, [gates · H], or null.</summary>
    public Tensor? BiasHH { get; }

    /// <summary>The parameters as the layers hold them.</summary>
    private protected RecurrentWeights Weights => new(WeightIH, WeightHH, BiasIH, BiasHH);

    /// <summary>Takes one step.</summary>
    /// <param name="x">[N, inputs].</param>
    /// <param name="state">The state before, [N, H]; zeros by default.</param>
    /// <returns>The state after.</returns>
    /// <exception cref="ShapeException">Sizes do not fit.</exception>
    public TState Forward(Tensor x, TState? state = null) => Forward((x, state));

    protected override TState ForwardCore((Tensor X, TState? State) input)
    {
        (Tensor x, TState? state) = input;
        if (x is null) throw new ArgumentNullException(nameof(input), $"{GetType().Name}: there is no input to step with.");
        if (x.Rank != 2 || x.Shape[1] != WeightIH.Shape[1])
            throw new ShapeException($"{GetType().Name}: x {x.Shape} must be [batch, {WeightIH.Shape[1]}], one position of each sequence. Take one with Select.");
        return Step(Weights.Project(x).Unsqueeze(0), state, () => Tensor.Zeros([x.Shape[0], WeightHH.Shape[1]], x.DType, x.Accelerator));
    }

    /// <summary>One step on the products of the input, [1, N, gates · H].</summary>
    private protected abstract TState Step(Tensor products, TState? state, Func<Tensor> zeros);

    /// <summary>Parameters that are a layer's get their values from it, unless the cell is used first.</summary>
    protected override void Reset(Generator generator)
    {
        if (!_isShared || !WeightHH.IsWritten) Fill(generator);
    }

    /// <summary>Gives the parameters their initial values.</summary>
    private protected virtual void Fill(Generator generator) => Weights.Reset(generator);

    /// <summary>The constructor's arguments that all cells have.</summary>
    private protected string Describe(string more) => $"{GetType().Name}({WeightIH.Shape[1]} → {WeightHH.Shape[1]}{(BiasIH is null ? ", bias: false" : "")}{more})";

    private protected static RecurrentWeights Create(string cell, int gates, int inputs, int hidden, bool bias, DType dtype)
    {
        Positive.Check(cell, (nameof(inputs), inputs), (nameof(hidden), hidden));
        return RecurrentWeights.Create(gates, inputs, hidden, bias, dtype);
    }
}
