using System.Collections.Concurrent;

namespace Gradwright;

/// <summary>The specialisations of a kernel, each made when it is first asked for. Held in a static field of the op that launches it.</summary>
/// <typeparam name="TKey">What the specialisations differ in: a value tuple of element types, layouts and tiles.</typeparam>
internal sealed class KernelTable<TKey>(Func<TKey, KernelSpec> make) where TKey : struct
{
    private readonly ConcurrentDictionary<TKey, KernelSpec> _specs = new();

    public KernelSpec this[TKey key] => _specs.TryGetValue(key, out KernelSpec? spec) ? spec : _specs.GetOrAdd(key, make);
}
