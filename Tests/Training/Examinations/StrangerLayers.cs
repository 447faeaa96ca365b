using Gradwright.Layers;

namespace Gradwright.Tests.Training.Examinations;

/// <summary>A block of WaveNet (van den Oord et al. 2016) that sees the past only: x + W·(tanh(F∗x) · σ(G∗x)), [n, channels, length].</summary>
internal sealed class CausalBlock(int channels, int dilation) : Module<Tensor, Tensor>
{
    private readonly Conv1D _filter = new(channels, channels, 2, padding: dilation, dilation: dilation), _gate = new(channels, channels, 2, padding: dilation, dilation: dilation),
        _mix = new(channels, channels, 1);

    protected override Tensor ForwardCore(Tensor x) => x + _mix.Forward(Past(_filter, x).Tanh() * Past(_gate, x).Sigmoid());

    // Padding of both sides makes the result longer by what sees the future.
    private static Tensor Past(Conv1D convolution, Tensor x) => convolution.Forward(x).Slice(2, 0, x.Shape[2]);
}

/// <summary>Twice down by strides, a middle, twice up by transposed convolutions, each beside what was there before (Ronneberger et al. 2015): [n, 1, h, w] → [n, 1, h, w].</summary>
internal sealed class StridedUNet(int channels, Module<Tensor, Tensor> middle) : Module<Tensor, Tensor>
{
    private readonly Sequential _first = Step(new Conv2D(1, channels, 3, padding: 1), channels), _down = Step(new Conv2D(channels, 2 * channels, 3, stride: 2, padding: 1), 2 * channels),
        _bottom = Step(new Conv2D(2 * channels, 4 * channels, 3, stride: 2, padding: 1), 4 * channels), _up = Step(new ConvTranspose2D(4 * channels, 2 * channels, 2, stride: 2), 2 * channels),
        _last = Step(new ConvTranspose2D(4 * channels, channels, 2, stride: 2), channels);

    private readonly Module<Tensor, Tensor> _middle = middle;
    private readonly Conv2D _pixels = new(2 * channels, 1, 1);

    protected override Tensor ForwardCore(Tensor x)
    {
        Tensor fine = _first.Forward(x), coarse = _down.Forward(fine), up = _up.Forward(_middle.Forward(_bottom.Forward(coarse)));
        return _pixels.Forward(Tensor.Concat([fine, _last.Forward(Tensor.Concat([coarse, up], 1))], 1));
    }

    private static Sequential Step(Module<Tensor, Tensor> convolution, int channels) => new(convolution, new BatchNorm2D(channels), new ReLU());
}

/// <summary>Experts whose answers are mixed by a softmax of gates (Jacobs et al. 1991): [n, inputs] → [n, outputs].</summary>
internal sealed class Experts(int count, int inputs, int inner, int outputs) : Module<Tensor, Tensor>
{
    private readonly Linear _gates = new(inputs, count), _first = new(inputs, count * inner), _second = new(inner, outputs);

    protected override Tensor ForwardCore(Tensor x)
    {
        Tensor answers = _second.Forward(_first.Forward(x).Gelu().Reshape(x.Shape[0], count, inner));     // [n, count, outputs]
        return (answers * _gates.Forward(x).Softmax(-1).Unsqueeze(2)).Sum(1);
    }
}

/// <summary>Numbers as they are, beside a vector for each category, which comes as one-hot columns: [n, numbers + Σ categories] → [n, numbers + width for each].</summary>
internal sealed class Columns(int numbers, int[] categories, int width) : Module<Tensor, Tensor>
{
    private readonly Linear[] _tables = [.. categories.Select(count => new Linear(count, width, bias: false))];

    protected override Tensor ForwardCore(Tensor x)
    {
        List<Tensor> parts = [x.Slice(1, 0, numbers)];
        long start = numbers;
        foreach ((Linear table, int count) in _tables.Zip(categories))
        {
            parts.Add(table.Forward(x.Slice(1, start, count)));
            start += count;
        }

        return Tensor.Concat([.. parts], 1);
    }
}

/// <summary>A transformer's encoder between layers of one operand.</summary>
internal sealed class SelfAttention(TransformerEncoder encoder) : Module<Tensor, Tensor>
{
    private readonly TransformerEncoder _encoder = encoder;

    protected override Tensor ForwardCore(Tensor x) => _encoder.Forward(x);
}

/// <summary>x/(1 + |x|) whose derivative lost a square.</summary>
internal sealed class Skewed : Module<Tensor, Tensor>
{
    protected override Tensor ForwardCore(Tensor x) => new SkewedSoftsign().Apply(x);

    private sealed class SkewedSoftsign : CustomFunction
    {
        protected override Tensor Forward(Context c, ReadOnlySpan<Tensor> x) => x[0] / c.Save(1 + x[0].Abs());
        protected override Tensor?[] Backward(Context c, Tensor g) => [g / c.Saved(0)];
    }
}
