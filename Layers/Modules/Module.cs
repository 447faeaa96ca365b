using System.Diagnostics.CodeAnalysis;

namespace Gradwright.Layers;

/// <summary>
/// A piece of a model: parameters, buffers and smaller modules, found through its fields. Derive from <see cref="Module{TIn, TOut}"/>.
/// </summary>
/// <remarks>
/// Names follow the fields in declaration order, base types first, in snake case: a field <c>Conv1</c> holding a layer with a
/// parameter <c>Weight</c> gives <c>conv1.weight</c>. Lists, arrays, tuples and dictionaries of modules or
/// parameters, also nested, add their index or key; what is put into a list after the model's first use is not seen.
/// Parameters get their initial values, and generators their streams, from the model's seed and their own path, when the model is
/// first used, unless something was written into them before; call <see cref="Initialize"/> to choose the seed.
/// </remarks>
[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicFields | DynamicallyAccessedMemberTypes.NonPublicFields)]
public abstract class Module : IDisposable
{
    private const ulong DefaultSeed = 0;

    private ModuleMembers? _members;
    private bool _isReady;
    private bool _isInitialized;

    /// <summary>True in training mode: dropout drops, batch norm uses the batch's statistics.</summary>
    public bool IsTraining { get; private set; } = true;

    /// <summary>Where the module is in its model, and what it is: <c>Sequential/2: Linear(784 → 10)</c>.</summary>
    public string Location => _location ??= $"{_place}{this}";

    private string? _location;

    /// <summary>Raised before the module runs, with its input.</summary>
    public event Action<Module, object?>? Forwarding;

    /// <summary>Raised after the module has run, with its input and output.</summary>
    public event Action<Module, object?, object?>? Forwarded;

    /// <summary>The modules in this one's fields, with their names.</summary>
    public IReadOnlyList<(string Name, Module Module)> Children => Members.Children;

    /// <summary>Every parameter in the module and its children, with its path; one that is shared appears once.</summary>
    /// <exception cref="InvalidOperationException">A layer has yet to see an input to know its size.</exception>
    public IReadOnlyList<(string Name, Tensor Parameter)> NamedParameters()
    {
        Prepare();
        List<(string, Tensor)> found = [];
        HashSet<Tensor> seen = [];
        foreach ((string path, Module module) in Walk())
        {
            if (!module.IsBuilt)
                throw new InvalidOperationException($"{module.Location} has no parameters yet: it infers its input size at the first forward pass. Call model.Build(sample) first.");
            foreach ((string name, Tensor parameter) in module.Members.Parameters)
                if (seen.Add(parameter)) found.Add((Join(path, name), parameter));
        }

        return found;
    }

    /// <summary>Every parameter, without names: what an optimizer takes.</summary>
    public IReadOnlyList<Tensor> Parameters() => [.. NamedParameters().Select(entry => entry.Parameter)];

    /// <summary>Every field marked <see cref="BufferAttribute"/>, with its path: state that is saved but not trained.</summary>
    public IReadOnlyList<(string Name, Tensor Buffer)> NamedBuffers()
    {
        Prepare();
        return [.. Walk().SelectMany(entry => entry.Module.Members.Buffers().Select(buffer => (Join(entry.Path, buffer.Name), buffer.Buffer)))];
    }

    /// <summary>Every source of randomness, with its path: its position belongs into a checkpoint.</summary>
    public IReadOnlyList<(string Name, Generator Generator)> NamedGenerators()
    {
        Prepare();
        return [.. Walk().SelectMany(entry => entry.Module.Members.Generators().Select(generator => (Join(entry.Path, generator.Name), generator.Generator)))];
    }

    /// <summary>Gives every parameter its initial values and every generator its stream, from the generator's seed and the parameter's path alone.</summary>
    public void Initialize(Generator generator)
    {
        ArgumentNullException.ThrowIfNull(generator);
        Register();
        foreach ((string path, Module module) in Walk())
        {
            module._isInitialized = true;
            module.Reset(generator.Fork(path));
        }
    }

    /// <summary>
    /// Moves every parameter, gradient and buffer to another accelerator; the tensors stay the same objects. Make the optimizer afterwards, or before its
    /// first step: its state lies where the parameters are.
    /// </summary>
    public void To(Accelerator accelerator)
    {
        ArgumentNullException.ThrowIfNull(accelerator);
        Prepare();
        foreach ((_, Module module) in Walk())
        {
            foreach ((_, Tensor parameter) in module.Members.Parameters) parameter.MoveTo(accelerator);
            foreach ((_, Tensor buffer) in module.Members.Buffers()) buffer.MoveTo(accelerator);
        }
    }

    /// <summary>Training mode, here and in all children.</summary>
    public void Train() => SetTraining(true);

    /// <summary>Evaluation mode, here and in all children: no dropout, stored statistics. Safe to call Forward from several threads.</summary>
    public void Eval() => SetTraining(false);

    /// <summary>No gradients for any parameter in here; the forward pass is unchanged.</summary>
    public void Freeze() => SetFrozen(true);

    /// <summary>Undoes <see cref="Freeze"/>.</summary>
    public void Unfreeze() => SetFrozen(false);

    /// <summary>Forgets all gradients.</summary>
    public void ZeroGrad()
    {
        foreach ((_, Tensor parameter) in NamedParameters()) parameter.ZeroGrad();
    }

    /// <summary>Parameters and buffers by path, in order: the tensors themselves, not copies.</summary>
    public OrderedDictionary<string, Tensor> StateDictionary()
    {
        OrderedDictionary<string, Tensor> state = [];
        foreach ((string path, Module module) in Walked())
        {
            foreach ((string name, Tensor parameter) in module.Members.Parameters) state[Join(path, name)] = parameter;
            foreach ((string name, Tensor buffer) in module.Members.Buffers()) state[Join(path, name)] = buffer;
        }

        return state;
    }

    /// <summary>Copies values into the parameters and buffers of the same names. Nothing changes when anything does not fit.</summary>
    /// <param name="state">Values by path.</param>
    /// <param name="strict">Refuse missing and unknown names; otherwise they are skipped.</param>
    /// <exception cref="ArgumentException">Names are missing or unknown; all are listed.</exception>
    /// <exception cref="ShapeException">A shape or element type differs.</exception>
    public void LoadState(IReadOnlyDictionary<string, Tensor> state, bool strict = true)
    {
        ArgumentNullException.ThrowIfNull(state);
        OrderedDictionary<string, Tensor> own = StateDictionary();
        string[] missing = [.. own.Keys.Where(name => !state.ContainsKey(name))], unknown = [.. state.Keys.Where(name => !own.ContainsKey(name))];
        if (strict && missing.Length + unknown.Length > 0)
            throw new ArgumentException($"LoadState: the state does not fit {GetType().Name}. Missing: {List(missing)}. Unknown: {List(unknown)}. Pass strict: false to load what fits.");
        foreach ((string name, Tensor target) in own)
        {
            if (state.TryGetValue(name, out Tensor? source) && (source.Shape != target.Shape || source.DType != target.DType))
                throw new ShapeException($"LoadState: '{name}' is {target.Shape} {target.DType} here, but {source.Shape} {source.DType} in the state. Nothing was changed.");
        }

        using TensorScope scope = new();
        using Tape.Pause pause = Tape.NoRecord();
        foreach ((string name, Tensor target) in own)
            if (state.TryGetValue(name, out Tensor? source)) new Kernels.Copy().ExecuteInto(target, source.To(target.Accelerator));
    }

    /// <summary>Frees the parameters, gradients and buffers, here and in all children, which are of no use any more. The collector does it later otherwise.</summary>
    public void Dispose()
    {
        foreach ((_, Module module) in Walk())
        {
            foreach ((_, Tensor parameter) in module.Members.Parameters) parameter.Dispose();
            foreach ((_, Tensor buffer) in module.Members.Buffers()) buffer.Dispose();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>The constructor call, where a layer says more than its name.</summary>
    public override string ToString() => GetType().Name;

    /// <summary>False while the module waits for its first input to know a size.</summary>
    protected internal virtual bool IsBuilt => true;

    /// <summary>Gives this module's own parameters (not its children's) their initial values.</summary>
    protected virtual void Reset(Generator generator) { }

    internal bool HasHooks => Forwarding is not null || Forwarded is not null;
    internal void RaiseForwarding(object? input) => Forwarding?.Invoke(this, input);
    internal void RaiseForwarded(object? input, object? output) => Forwarded?.Invoke(this, input, output);

    internal ModuleMembers Members => _members ??= new(this);

    /// <summary>This module and all below, each once, parents first.</summary>
    internal IEnumerable<(string Path, Module Module)> Walk()
    {
        HashSet<Module> seen = [];
        return Walk("", this, seen);
    }

    /// <summary>Names and initialises everything below, unless that is done.</summary>
    internal void Prepare()
    {
        if (_isReady) return;
        Register();
        Generator generator = new(DefaultSeed);
        foreach ((string path, Module module) in Walk())
        {
            if (!module._isInitialized) module.ResetUnwritten(generator.Fork(path));
            module._isInitialized = true;
        }

        foreach ((_, Module module) in Walk()) module._isReady = true;
    }

    /// <summary>What somebody wrote into a parameter before the model was first used stays.</summary>
    private void ResetUnwritten(Generator generator)
    {
        (Tensor Parameter, Tensor Values, int Version)[] written =
            [.. Members.Parameters.Where(entry => entry.Parameter.IsWritten).Select(entry => (entry.Parameter, new Kernels.Copy().Execute(entry.Parameter), entry.Parameter.Buffer.Version))];
        Reset(generator);
        foreach ((Tensor parameter, Tensor values, int version) in written)
        {
            if (parameter.Buffer.Version != version) new Kernels.Copy().ExecuteInto(parameter, values);
            values.Dispose();
        }
    }

    /// <summary>A module whose parameters came to life during the forward pass names and registers them.</summary>
    protected void ParametersChanged()
    {
        _members = null;
        _location = $"{_place}{this}";
        foreach ((string name, Tensor parameter) in Members.Parameters) parameter.Register(Join(_path, name));
    }

    private string _path = "", _place = "";

    private void Register()
    {
        foreach ((string path, Module module) in Walk())
        {
            module._path = path;
            module._place = path.Length == 0 ? "" : $"{GetType().Name}/{path.Replace('.', '/')}: ";
            module._location = $"{module._place}{module}";
            foreach ((string name, Tensor parameter) in module.Members.Parameters) parameter.Register(Join(path, name));
        }
    }

    private IEnumerable<(string Path, Module Module)> Walked()
    {
        _ = NamedParameters();
        return Walk();
    }

    private static IEnumerable<(string Path, Module Module)> Walk(string path, Module module, HashSet<Module> seen)
    {
        if (!seen.Add(module)) yield break;
        yield return (path, module);
        foreach ((string name, Module child) in module.Members.Children)
            foreach ((string, Module) entry in Walk(Join(path, name), child, seen))
                yield return entry;
    }

    private void SetTraining(bool training)
    {
        foreach ((_, Module module) in Walk()) module.IsTraining = training;
    }

    private void SetFrozen(bool frozen)
    {
        foreach ((_, Tensor parameter) in NamedParameters()) parameter.IsFrozen = frozen;
    }

    private static string Join(string path, string name) => path.Length == 0 ? name : name.Length == 0 ? path : $"{path}.{name}";
    private static string List(string[] names) => names.Length == 0 ? "none" : string.Join(", ", names);
}
