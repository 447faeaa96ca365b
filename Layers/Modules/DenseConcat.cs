namespace Gradwright.Layers;

/// <summary>A module whose result is put behind its input, [x, body(x)], so that whatever follows sees both (Huang et al. 2017, "Densely Connected Convolutional Networks").</summary>
/// <param name="body">What is put behind; all its lengths but the axis' are x's.</param>
/// <param name="axis">The dimension that grows: 1, the channels, by default.</param>
public sealed class DenseConcat(Module<Tensor, Tensor> body, int axis = 1) : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> _body = body ?? throw new ArgumentNullException(nameof(body), "DenseConcat: the body is null.");

    protected override Tensor ForwardCore(Tensor x) => Tensor.Concat([x, _body.Forward(x)], axis);

    public override string ToString() => $"DenseConcat({_body}{(axis == 1 ? "" : $", axis: {axis}")})";
}
