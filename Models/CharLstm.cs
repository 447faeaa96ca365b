namespace Gradwright.Models;

/// <summary>
/// A character language model (Karpathy 2015): an embedding, LSTMs and a linear map to the scores of the next character. Int64 [n, t] → [n, t, vocabulary].
/// </summary>
public sealed class CharLstm : Module<Tensor, Tensor>
{
    private readonly Embedding _embedding;
    private readonly LSTM _lstm;
    private readonly Linear _head;
    private readonly int _vocabulary, _embedded, _hidden, _layers;

    /// <summary>A network of these sizes.</summary>
    /// <param name="vocabulary">Number of different characters.</param>
    /// <param name="embedded">Numbers that stand for a character.</param>
    /// <param name="hidden">Numbers of the state.</param>
    /// <param name="layers">LSTMs one above the other.</param>
    /// <param name="dropout">In training, the rate of dropout between them.</param>
    public CharLstm(int vocabulary, int embedded = 64, int hidden = 256, int layers = 2, double dropout = 0)
    {
        (_vocabulary, _embedded, _hidden, _layers) = (vocabulary, embedded, hidden, layers);
        _embedding = new(vocabulary, embedded);
        _lstm = new(embedded, hidden, layers, batchFirst: true, dropout: dropout);
        _head = new(hidden, vocabulary);
    }

    /// <summary>Goes on from a state: for truncated backpropagation through time and for sampling.</summary>
    /// <param name="x">Characters, Int64 [n, t].</param>
    /// <param name="state">Where the text before has led; null at its beginning.</param>
    /// <returns>The scores, [n, t, vocabulary], and the state after the last character.</returns>
    public (Tensor Scores, LstmState State) Continue(Tensor x, LstmState? state)
    {
        (Tensor y, LstmState after) = _lstm.Forward(_embedding.Forward(x), state);
        return (_head.Forward(y), after);
    }

    protected override Tensor ForwardCore(Tensor x) => Continue(x, null).Scores;
    public override string ToString() => $"CharLstm({_vocabulary}, embedded: {_embedded}, hidden: {_hidden}, layers: {_layers})";
}
