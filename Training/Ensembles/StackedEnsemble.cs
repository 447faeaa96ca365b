using Gradwright.Layers;

namespace Gradwright.Training;

/// <summary>
/// A model that learns what to make of other models' outputs (stacking; Wolpert, 1992): they are joined along dimension 1 and given to a head. Only the head is trained, and
/// only its parameters are the stack's.
/// </summary>
/// <remarks>
/// The models run in evaluation mode and without recording; they still belong to the caller. Train the head on samples that the models have not learned from, such as the
/// parts that a cross-validation left out: on their own they look better than they are.
/// </remarks>
public sealed class StackedEnsemble : Module<Tensor, Tensor>
{
    private readonly Func<Tensor, Tensor> _features;        // hides the models from those who look for parameters and modes
    private readonly Module<Tensor, Tensor> _head;

    /// <param name="models">At least one; set to evaluation mode.</param>
    /// <param name="head">From the joined outputs [batch, Σ outputs, …] to the result.</param>
    public StackedEnsemble(IEnumerable<Module<Tensor, Tensor>> models, Module<Tensor, Tensor> head)
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentNullException.ThrowIfNull(head);
        Module<Tensor, Tensor>[] all = [.. models];
        if (all.Length == 0) throw new ArgumentException("StackedEnsemble: there must be at least one model to learn from.", nameof(models));
        foreach (Module<Tensor, Tensor> model in all) model.Eval();
        _features = x => Features(all, x);
        _head = head;
    }

    protected override Tensor ForwardCore(Tensor x) => _head.Forward(_features(x));

    private static Tensor Features(Module<Tensor, Tensor>[] models, Tensor x)
    {
        using Tape.Pause pause = Tape.NoRecord();
        return Tensor.Concat(Array.ConvertAll(models, model => model.Forward(x)), 1);
    }

    public override string ToString() => $"StackedEnsemble({_head})";
}
