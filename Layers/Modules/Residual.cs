namespace Gradwright.Layers;

/// <summary>A module beside a shortcut: y = body(x) + x, or body(x) + projection(x) where the shapes differ (He et al. 2016). The sum lets gradients pass unchanged.</summary>
/// <param name="body">What is added.</param>
/// <param name="projection">What brings x into the shape of the sum: a 1×1 convolution, a Linear; none passes x on as it is.</param>
public sealed class Residual(Module<Tensor, Tensor> body, Module<Tensor, Tensor>? projection = null) : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> _body = body ?? throw new ArgumentNullException(nameof(body), "Residual: the body is null.");
    private readonly Module<Tensor, Tensor>? _projection = projection;

    protected override Tensor ForwardCore(Tensor x)
    {
        Tensor y = _body.Forward(x), shortcut = _projection is null ? x : _projection.Forward(x);
        // Broadcasting here would hide a mistake.
        if (y.Shape != shortcut.Shape)
            throw new ShapeException($"Residual: the body makes {y.Shape} of {x.Shape}, which does not fit the shortcut {shortcut.Shape}. Give a projection that makes {y.Shape}.");
        return y + shortcut;
    }

    public override string ToString() => $"Residual({_body}{(_projection is null ? "" : $", projection: {_projection}")})";
}
