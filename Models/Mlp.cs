namespace Gradwright.Models;

/// <summary>A multilayer perceptron: linear maps with rectifiers between them, [n, first width] → [n, last width].</summary>
/// <example><code>Mlp model = new(784, 256, 128, 10);</code></example>
public sealed class Mlp : Module<Tensor, Tensor>
{
    [StateName("")]
    private readonly Sequential _layers;

    private readonly int[] _widths;

    /// <summary>A perceptron with these widths: the inputs, the hidden layers, the outputs.</summary>
    /// <exception cref="ArgumentException">There are fewer than two widths.</exception>
    public Mlp(params int[] widths)
    {
        ArgumentNullException.ThrowIfNull(widths);
        if (widths.Length < 2) throw new ArgumentException($"Mlp: {widths.Length} widths make no layer. Give at least the inputs and the outputs: new Mlp(784, 10).", nameof(widths));
        _widths = widths;
        List<Module<Tensor, Tensor>> layers = [];
        for (int i = 1; i < widths.Length; i++)
        {
            if (i > 1) layers.Add(new ReLU());
            layers.Add(new Linear(widths[i - 1], widths[i]));
        }

        _layers = new(layers);
    }

    protected override Tensor ForwardCore(Tensor x) => _layers.Forward(x);
    public override string ToString() => $"Mlp({string.Join(" → ", _widths)})";
}
