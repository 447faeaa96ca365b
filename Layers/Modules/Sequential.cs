using System.Collections;

namespace Gradwright.Layers;

/// <summary>Modules one after the other. State names are the positions: <c>0.weight</c>.</summary>
public sealed class Sequential : Module<Tensor, Tensor>, IReadOnlyList<Module<Tensor, Tensor>>
{
    [StateName("")]
    private readonly List<Module<Tensor, Tensor>> _modules = [];

    /// <summary>Chains the modules.</summary>
    public Sequential(params IEnumerable<Module<Tensor, Tensor>> modules)
    {
        _modules.AddRange(modules);
        if (_modules.IndexOf(null!) is >= 0 and int i) throw new ArgumentNullException(nameof(modules), $"Sequential: module {i} is null.");
    }

    /// <summary>Number of modules.</summary>
    public int Count => _modules.Count;

    /// <summary>Module i.</summary>
    public Module<Tensor, Tensor> this[int index] => _modules[index];

    protected override Tensor ForwardCore(Tensor x)
    {
        Tensor current = x;
        foreach (Module<Tensor, Tensor> module in _modules)
        {
            Tensor next = module.Forward(current);
            // What lies between two modules has no other holder: free it now, not at the end of the chain.
            if (!ReferenceEquals(current, x) && !ReferenceEquals(current, next) && current.ScopeSlot >= 0) current.Dispose();
            current = next;
        }

        return current;
    }

    public IEnumerator<Module<Tensor, Tensor>> GetEnumerator() => _modules.GetEnumerator();
    IEnumerator IEnumerable.GetEnumerator() => _modules.GetEnumerator();
    public override string ToString() => $"Sequential({string.Join(", ", _modules)})";
}
