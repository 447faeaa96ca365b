using Gradwright.Layers;

namespace Gradwright.Tests.Training.Examinations;

/// <summary>Channels are weighted by what the whole image tells (Hu et al. 2018).</summary>
internal sealed class SqueezeExcite(int channels, int inner) : Module<Tensor, Tensor>
{
    private readonly Sequential _gates = new(new GlobalAveragePool2D(), new Linear(channels, inner), new SiLU(), new Linear(inner, channels), new Sigmoid());

    protected override Tensor ForwardCore(Tensor x) => x * _gates.Forward(x).Reshape(x.Shape[0], x.Shape[1], 1, 1);
}

/// <summary>A graph convolution of many graphs, all of them rings: [n, nodes, inputs] → [n, nodes, outputs].</summary>
internal sealed class RingConvolution(int inputs, int outputs) : Module<Tensor, Tensor>
{
    private readonly GraphConvolution _convolution = new(inputs, outputs);
    private readonly Dictionary<(long Graphs, long Nodes), Edges> _edges = [];

    protected override Tensor ForwardCore(Tensor x)
    {
        (long graphs, long nodes) = (x.Shape[0], x.Shape[1]);
        if (!_edges.TryGetValue((graphs, nodes), out Edges? edges)) edges = _edges[(graphs, nodes)] = Rings(graphs, nodes);
        return _convolution.Forward(x.Reshape(graphs * nodes, -1), edges).Reshape(graphs, nodes, -1);
    }

    /// <summary>Frees the rings, which no module frees by itself.</summary>
    public void Free()
    {
        foreach (Edges edges in _edges.Values) edges.Dispose();
        _edges.Clear();
    }

    private static Edges Rings(long graphs, long nodes)
    {
        long[] from = new long[2 * graphs * nodes], to = new long[from.Length];
        for (long i = 0; i < graphs * nodes; i++)
        {
            long next = i / nodes * nodes + (i + 1) % nodes;
            (from[2 * i], to[2 * i], from[2 * i + 1], to[2 * i + 1]) = (i, next, next, i);
        }

        using Tensor sources = Tensor.From(from), targets = Tensor.From(to);
        return new(sources, targets, graphs * nodes);
    }
}

/// <summary>A block of an MLP-Mixer (Tolstikhin et al. 2021): maps across the tokens, then across the features. [n, tokens, features].</summary>
internal sealed class Mixer(int tokens, int features, int inner) : Module<Tensor, Tensor>
{
    private readonly Sequential _across = new(new LayerNorm(features), Swap(), new Linear(tokens, inner), new GELU(), new Linear(inner, tokens), Swap()),
        _within = new(new LayerNorm(features), new Linear(features, inner), new GELU(), new Linear(inner, features));

    protected override Tensor ForwardCore(Tensor x)
    {
        Tensor y = x + _across.Forward(x);
        return y + _within.Forward(y);
    }

    private static Lambda Swap() => new(x => x.Transpose(1, 2), "swap");
}

/// <summary>Down, a middle, up, and what was there before beside it (Ronneberger et al. 2015): [n, 1, h, w] → [n, classes, h, w].</summary>
internal sealed class SmallUNet(int channels, int classes, Module<Tensor, Tensor> middle) : Module<Tensor, Tensor>
{
    private readonly Sequential _down = new(new Conv2D(1, channels, 3, padding: 1), new LeakyReLU(0.1)), _low = new(new MaxPool2D(2), new Conv2D(channels, channels, 3, padding: 1), new LeakyReLU(0.1)),
        _up = new(new Upsample(2)), _last = new(new Conv2D(2 * channels, classes, 3, padding: 1));
    private readonly Module<Tensor, Tensor> _middle = middle;

    protected override Tensor ForwardCore(Tensor x)
    {
        Tensor fine = _down.Forward(x);
        return _last.Forward(Tensor.Concat([fine, _up.Forward(_middle.Forward(_low.Forward(fine)))], 1));
    }
}

/// <summary>One half of the features opens the other (Dauphin et al. 2017).</summary>
internal sealed class Gated(int inputs, int outputs) : Module<Tensor, Tensor>
{
    private readonly Linear _values = new(inputs, outputs), _gates = new(inputs, outputs);

    protected override Tensor ForwardCore(Tensor x) => _values.Forward(x) * _gates.Forward(x).Sigmoid();
}

/// <summary>x·σ(x) whose derivative forgets that σ depends on x, too.</summary>
internal sealed class Crooked : Module<Tensor, Tensor>
{
    protected override Tensor ForwardCore(Tensor x) => new CrookedSwish().Apply(x);

    private sealed class CrookedSwish : CustomFunction
    {
        protected override Tensor Forward(Context c, ReadOnlySpan<Tensor> x) => c.Save(x[0]) * x[0].Sigmoid();
        protected override Tensor?[] Backward(Context c, Tensor g) => [g * c.Saved(0).Sigmoid()];
    }
}
