using Gradwright.Kernels;

namespace Gradwright;

/// <summary>
/// The table of derivatives: one entry per op, grouped by family in the files <c>Vjp.*.cs</c>. An entry says what the
/// backward pass needs and how the gradient of each operand follows from the gradient of the result (a vector-Jacobian product).
/// Broadcasting is undone by the tape.
/// </summary>
internal static partial class Vjp
{
    private static readonly Dictionary<Type, VjpRule> _rules = [];
    private static readonly HashSet<Type> _nonDifferentiable = [];

    static Vjp()
    {
        AddElementwise();
        AddMatMul();
        AddViews();
        AddReductions();
        AddSoftmax();
        AddLosses();
        AddLinearAlgebra();
        AddAttention();
        AddSparse();
        AddNormalization();
        AddOrdering();
        AddConvolution();
        AddPooling();
        AddSampling();
        AddIndexing();
        AddJoining();
        AddRecurrent();
    }

    /// <summary>Ops with a derivative.</summary>
    public static IReadOnlyCollection<Type> Differentiable => _rules.Keys;

    /// <summary>Ops whose results are integers, truth values or random: they carry no gradient.</summary>
    public static IReadOnlySet<Type> NonDifferentiable => _nonDifferentiable;

    /// <summary>The derivative of an op, or null when its results carry no gradient.</summary>
    /// <exception cref="TapeException">The op is in neither list.</exception>
    public static VjpRule? RuleOf(Op op)
    {
        if (_rules.TryGetValue(op.GetType(), out VjpRule? rule)) return rule;
        if (op is CustomFunction.CustomOp custom) return custom.Rule;
        if (op is CheckpointOp checkpoint) return checkpoint.Rule;
        return _nonDifferentiable.Contains(op.GetType()) ? null
            : throw new TapeException($"{op.Name} has no derivative. Compute it under Tape.NoRecord() or on x.Detach() if it is meant to be a constant.");
    }

    private static void Of<TOp>(params (Saves Saves, Func<VjpContext, Tensor> Gradient)[] perInput) where TOp : Op
        => _rules.Add(typeof(TOp), new(perInput));

    private static void Of<TOp>(Saves saves, Func<VjpContext, Tensor> gradient) where TOp : Op
        => _rules.Add(typeof(TOp), new((saves, gradient)));

    private static void Of<TOp>(Saves saves, Func<VjpContext, TOp, Tensor> gradient) where TOp : Op
        => _rules.Add(typeof(TOp), new((saves, c => gradient(c, (TOp)c.Op))));

    /// <summary>All gradients in one go, delivered with <see cref="VjpContext.Set"/>.</summary>
    private static void Jointly<TOp>(Saves saves, Action<VjpContext, TOp> gradients) where TOp : Op
        => _rules.Add(typeof(TOp), new(saves, c => gradients(c, (TOp)c.Op)));

    private static void NotDifferentiable<TOp>() where TOp : Op => _nonDifferentiable.Add(typeof(TOp));
}
