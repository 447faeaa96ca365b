namespace Gradwright.Layers;

/// <summary>A model in evaluation mode, to be looked at without a trace: afterwards every module's mode and every generator's position are what they were.</summary>
internal readonly struct EvaluationMode : IDisposable
{
    private readonly ModelModes _before;

    public EvaluationMode(Module model)
    {
        _before = new(model);
        model.Eval();
    }

    public void Dispose() => _before.Dispose();
}
