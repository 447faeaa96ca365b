namespace Gradwright.Layers;

/// <summary>A model in evaluation mode, to be looked at without a trace: afterwards every module's mode and every generator's position are what they were.</summary>
internal readonly struct EvaluationMode : IDisposable
{
    private readonly (Module Module, bool IsTraining)[] _modes;
    private readonly (Generator Generator, GeneratorState State)[] _generators;

    public EvaluationMode(Module model)
    {
        _modes = [.. model.Walk().Select(entry => (entry.Module, entry.Module.IsTraining))];
        _generators = [.. model.NamedGenerators().Select(entry => (entry.Generator, entry.Generator.State))];
        model.Eval();
    }

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
