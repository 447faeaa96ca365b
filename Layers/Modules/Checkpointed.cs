namespace Gradwright.Layers;

/// <summary>A module whose inside is computed again in the backward pass instead of being kept: see <see cref="ActivationCheckpoint"/>. State names are the module's own.</summary>
/// <param name="module">Any module of one tensor in, one out.</param>
/// <example><code>var model = new Sequential(blocks.Select(block => new Checkpointed(block)));</code></example>
public sealed class Checkpointed(Module<Tensor, Tensor> module) : Module<Tensor, Tensor>
{
    [StateName("")]
    private readonly Module<Tensor, Tensor> _module = module ?? throw new ArgumentNullException(nameof(module));

    private bool _isBuilt;

    protected override Tensor ForwardCore(Tensor x)
    {
        // The parameters have to be known: layers that infer their sizes make them in a pass of their own.
        if (!_isBuilt && _module.Walk().Any(entry => !entry.Module.IsBuilt)) _module.Build(x);
        _isBuilt = true;
        return ActivationCheckpoint.Run(_module, operands => [_module.Forward(operands[0])], x)[0];
    }

    public override string ToString() => $"Checkpointed({_module})";
}
