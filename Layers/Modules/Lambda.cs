namespace Gradwright.Layers;

/// <summary>A function as a layer: <c>new Lambda(x => x.Transpose(1, 2), "swap")</c>. Parameters that it uses have to be held by a module elsewhere.</summary>
/// <param name="function">What is computed.</param>
/// <param name="name">What the layer is called in summaries and messages.</param>
public sealed class Lambda(Func<Tensor, Tensor> function, string name = "") : Module<Tensor, Tensor>
{
    private readonly Func<Tensor, Tensor> _function = function ?? throw new ArgumentNullException(nameof(function), "Lambda: the function is null.");

    protected override Tensor ForwardCore(Tensor x) => _function(x);
    public override string ToString() => $"Lambda({name})";
}
