using System.Globalization;

namespace Gradwright.Layers;

/// <summary>
/// What RNN, LSTM and GRU share: layers one above the other, each in one direction or in both; sequences [T, N, inputs] → [T, N, directions · H], or with the batch
/// first [N, T, ·]; states in and out; sequences of their own lengths; dropout between the layers.
/// </summary>
/// <typeparam name="TState">The state: [layers · directions, N, H]; the directions of a layer follow each other.</typeparam>
/// <remarks>
/// The products of the input are taken for all positions at once; one op per layer and direction runs through the sequence, and one runs back. Memory grows with the
/// length of the sequence, the number of ops does not. Names of parameters and the order of the gates are PyTorch's: <c>weight_ih_l0</c>, <c>weight_hh_l0</c>,
/// <c>bias_ih_l0</c>, <c>bias_hh_l0</c>, then <c>…_l0_reverse</c>, <c>…_l1</c>. All start uniform in ±1/√H.
/// </remarks>
public abstract class RecurrentLayer<TState> : Module<(Tensor X, TState? State, Tensor? Lengths), (Tensor Output, TState State)> where TState : class
{
    private readonly int _inputs, _hidden, _layers;
    private readonly bool _bidirectional, _batchFirst, _bias;
    private readonly double _dropout;
    private readonly RecurrentWeights[] _weights;
    private Generator _generator = new();

    [StateName("")]
    private readonly OrderedDictionary<string, Tensor> _parameters = [];

    private protected RecurrentLayer(int gates, int inputs, int hidden, int layers, bool bidirectional, bool batchFirst, bool bias, double dropout, DType dtype)
    {
        string name = GetType().Name;
        Positive.Check(name, (nameof(inputs), inputs), (nameof(hidden), hidden), (nameof(layers), layers));
        if (dropout is not (>= 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(dropout), dropout, $"{name}: the dropout rate must be at least 0 and below 1.");
        if (dropout > 0 && layers == 1)
            throw new ArgumentException($"{name}: dropout acts between layers, and there is only one. Use more layers, or put a Dropout behind this one.", nameof(dropout));
        (_inputs, _hidden, _layers, _bidirectional, _batchFirst, _bias, _dropout) = (inputs, hidden, layers, bidirectional, batchFirst, bias, dropout);
        _weights = new RecurrentWeights[layers * Directions];
        for (int i = 0; i < _weights.Length; i++)
        {
            _weights[i] = RecurrentWeights.Create(gates, i < Directions ? inputs : Directions * hidden, hidden, bias, dtype);
            foreach ((string part, Tensor parameter) in _weights[i].Named()) _parameters.Add(part + Suffix(i), parameter);
        }
    }

    /// <summary>1, or 2 for a bidirectional layer.</summary>
    public int Directions => _bidirectional ? 2 : 1;

    /// <summary>Numbers of the state of one layer and direction, H.</summary>
    public int Hidden => _hidden;

    private protected IReadOnlyList<RecurrentWeights> Weights => _weights;

    /// <summary>Runs through sequences.</summary>
    /// <param name="x">[T, N, inputs], or with the batch first [N, T, inputs].</param>
    /// <param name="state">The first state; zeros by default.</param>
    /// <param name="lengths">Where each sequence ends, [N], Int64, in any order: from there on the result is 0 and the state stays as it is, whatever x holds there (for training: finite numbers). None means T.</param>
    /// <returns>The states of the last layer at every position, [T, N, directions · H] or [N, T, …], and the last states of all layers.</returns>
    /// <exception cref="ShapeException">Sizes do not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A length is not between 0 and T.</exception>
    public (Tensor Output, TState State) Forward(Tensor x, TState? state = null, Tensor? lengths = null) => Forward((x, state, lengths));

    protected override (Tensor Output, TState State) ForwardCore((Tensor X, TState? State, Tensor? Lengths) input)
    {
        string name = GetType().Name;
        Tensor x = input.X ?? throw new ArgumentNullException(nameof(input), $"{name}: there is no sequence to run on.");
        if (x.Rank != 3 || x.Shape[2] != _inputs)
            throw new ShapeException($"{name}: x {x.Shape} must be {(_batchFirst ? $"[batch, positions, {_inputs}]" : $"[positions, batch, {_inputs}]")}. For a single sequence add the batch with Unsqueeze({(_batchFirst ? 0 : 1)}).");
        if (_batchFirst) x = x.Transpose(0, 1).Copy();
        Tensor[] first = Split(input.State, x), all = new Tensor[first.Length * _weights.Length];
        for (int layer = 0; layer < _layers; layer++)
        {
            Tensor[] outputs = new Tensor[Directions];
            for (int direction = 0; direction < Directions; direction++)
            {
                int i = layer * Directions + direction;
                Tensor[] states = input.State is null ? first : [.. first.Select(s => s.Select(0, i))];
                (outputs[direction], Tensor[] last) = Run(_weights[i].Project(x), _weights[i], states, input.Lengths, reverse: direction == 1);
                for (int part = 0; part < last.Length; part++) all[part * _weights.Length + i] = last[part];
            }

            x = _bidirectional ? Tensor.Concat(outputs, axis: 2) : outputs[0];
            if (_dropout > 0 && IsTraining && layer < _layers - 1) x = x.Dropout(_dropout, _generator);
        }

        TState state = Join([.. Enumerable.Range(0, first.Length).Select(part => Tensor.Stack(all.AsSpan(part * _weights.Length, _weights.Length)))]);
        return (_batchFirst ? x.Transpose(0, 1) : x, state);
    }

    /// <summary>One layer in one direction.</summary>
    private protected abstract (Tensor Output, Tensor[] Last) Run(Tensor products, RecurrentWeights weights, Tensor[] first, Tensor? lengths, bool reverse);

    /// <summary>The tensors of a state; the names of the parts of one that there should be.</summary>
    private protected abstract (string Name, Tensor? Part)[] Parts(TState? state);

    /// <summary>A state of its tensors.</summary>
    private protected abstract TState Join(Tensor[] parts);

    /// <summary>What <see cref="object.ToString"/> says after the arguments that all layers have.</summary>
    private protected virtual string More => "";

    protected override void Reset(Generator generator)
    {
        _generator = generator;
        for (int i = 0; i < _weights.Length; i++) _weights[i].Reset(generator, Suffix(i));
    }

    public override string ToString()
        => $"{GetType().Name}({_inputs} → {_hidden}{(_layers > 1 ? $", layers: {_layers}" : "")}{(_bidirectional ? ", bidirectional: true" : "")}{(_batchFirst ? ", batchFirst: true" : "")}"
            + $"{(_bias ? "" : ", bias: false")}{(_dropout > 0 ? $", dropout: {_dropout.ToString(CultureInfo.InvariantCulture)}" : "")}{More})";

    /// <summary>The parameters of a layer's forward direction, for a cell that shares them.</summary>
    private protected RecurrentWeights OfLayer(int layer)
        => layer >= 0 && layer < _layers ? _weights[layer * Directions]
            : throw new ArgumentOutOfRangeException(nameof(layer), layer, $"{GetType().Name}: there is no layer {layer}; there are {_layers}, from 0 on.");

    private string Suffix(int i) => $"_l{i / Directions}{(i % Directions == 1 ? "_reverse" : "")}";

    /// <summary>The parts of the first state, or zeros [N, H] where there is none.</summary>
    private Tensor[] Split(TState? state, Tensor x)
    {
        (string Name, Tensor? Part)[] parts = Parts(state);
        Shape expected = [_weights.Length, x.Shape[1], _hidden];
        foreach ((string part, Tensor? tensor) in parts)
        {
            if (tensor is not null && tensor.Shape != expected)
                throw new ShapeException($"{GetType().Name}: {part} {tensor.Shape} must be [layers · directions, batch, hidden] = {expected}.");
        }

        return [.. parts.Select(p => p.Part ?? Tensor.Zeros([x.Shape[1], _hidden], x.DType, x.Accelerator))];
    }
}
