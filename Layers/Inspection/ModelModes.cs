namespace Gradwright.Layers;

/// <summary>Every module's mode and every generator's position, as they are when it is made; disposed, it puts them back.</summary>
internal readonly struct ModelModes(Module model) : IDisposable
{
    private readonly (Module Module, bool IsTraining)[] _modes = [.. model.Walk().Select(entry => (entry.Module, entry.Module.IsTraining))];
    private readonly (Generator Generator, GeneratorState State)[] _generators = [.. model.NamedGenerators().Select(entry => (entry.Generator, entry.Generator.State))];

    public void Dispose()
    {
        // Parents come first, and children say last what they were.
        foreach ((Module module, bool isTraining) in _modes)
        {
            if (isTraining) module.Train();
            else module.Eval();
        }

        foreach ((Generator generator, GeneratorState state) in _generators) generator.State = state;
    }
}
