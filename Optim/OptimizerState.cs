namespace Gradwright.Optim;

/// <summary>
/// A copy of what an optimizer has learned, as named tensors and numbers in a fixed order, ready for a checkpoint. Names are
/// <c>parameter.state</c> ("conv1.weight.exp_avg", "conv1.weight.step"), with the parameter's position where not all have distinct names.
/// </summary>
public sealed class OptimizerState : IDisposable
{
    /// <summary>The states; freed by <see cref="Dispose"/>.</summary>
    public OrderedDictionary<string, Tensor> Tensors { get; } = [];

    /// <summary>Step counts and, where no schedule gives it, the learning rate.</summary>
    public OrderedDictionary<string, double> Numbers { get; } = [];

    public void Dispose()
    {
        foreach (Tensor tensor in Tensors.Values) tensor.Dispose();
    }
}
