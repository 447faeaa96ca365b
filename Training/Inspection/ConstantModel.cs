using Gradwright.Layers;

namespace Gradwright.Training;

/// <summary>A model to be looked at: in evaluation mode, its parameters constants. Disposed, it leaves modes, random streams and parameters as they were; gradients are never touched.</summary>
internal sealed class ConstantModel : IDisposable
{
    private readonly Tensor[] _frozen;
    private readonly EvaluationMode _mode;

    public ConstantModel(Module model)
    {
        _frozen = [.. model.Parameters().Where(parameter => !parameter.IsFrozen)];
        _mode = new(model);
        foreach (Tensor parameter in _frozen) parameter.IsFrozen = true;
    }

    public void Dispose()
    {
        foreach (Tensor parameter in _frozen) parameter.IsFrozen = false;
        _mode.Dispose();
    }
}
