namespace Gradwright.Layers;

/// <summary>Hears of every module of a model that runs, until it is disposed.</summary>
internal sealed class ForwardListener : IDisposable
{
    private readonly Module[] _modules;
    private readonly Action<Module, object?>? _before;
    private readonly Action<Module, object?, object?>? _after;

    /// <param name="model">The model; itself is heard of too.</param>
    /// <param name="before">Is told of a module and its input.</param>
    /// <param name="after">Is told of a module, its input and its output.</param>
    public ForwardListener(Module model, Action<Module, object?>? before, Action<Module, object?, object?>? after)
    {
        (_modules, _before, _after) = ([.. model.Walk().Select(entry => entry.Module)], before, after);
        foreach (Module module in _modules)
        {
            module.Forwarding += _before;
            module.Forwarded += _after;
        }
    }

    public void Dispose()
    {
        foreach (Module module in _modules)
        {
            module.Forwarding -= _before;
            module.Forwarded -= _after;
        }
    }
}
