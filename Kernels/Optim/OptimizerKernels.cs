using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// Fused, in-place steps of the optimizers over all of a model's parameters in one call, in Float32 and Float64 (also mixed).
/// Not ops: they change tensors, bump their versions and are never recorded. Results do not depend on the number of threads.
/// On GPUs a step is handed over like a kernel: one launch for all parameters of a type on CUDA, one per parameter on OpenCL, whose buffers have no addresses.
/// </summary>
public static class OptimizerKernels
{
    /// <summary>One step of stochastic gradient descent.</summary>
    /// <exception cref="ShapeException">A gradient or state is not of its parameter's shape and type.</exception>
    public static void Sgd(ReadOnlySpan<ParameterUpdate> updates, SgdRule rule) => Step(updates, rule);

    /// <summary>The step of Nesterov's momentum that is taken where the parameters look ahead.</summary>
    /// <inheritdoc cref="Sgd"/>
    public static void LookAhead(ReadOnlySpan<ParameterUpdate> updates, LookAheadRule rule) => Step(updates, rule);

    /// <summary>One step of Adam, AdamW or AMSGrad.</summary>
    /// <inheritdoc cref="Sgd"/>
    public static void Adam(ReadOnlySpan<ParameterUpdate> updates, AdamRule rule) => Step(updates, rule);

    /// <summary>One step of NAdam.</summary>
    /// <inheritdoc cref="Sgd"/>
    public static void NAdam(ReadOnlySpan<ParameterUpdate> updates, NAdamRule rule) => Step(updates, rule);

    /// <summary>One step of AdaGrad.</summary>
    /// <inheritdoc cref="Sgd"/>
    public static void Adagrad(ReadOnlySpan<ParameterUpdate> updates, AdagradRule rule) => Step(updates, rule);

    /// <summary>One step of RMSProp.</summary>
    /// <inheritdoc cref="Sgd"/>
    public static void RmsProp(ReadOnlySpan<ParameterUpdate> updates, RmsPropRule rule) => Step(updates, rule);

    /// <summary>One step of AdaDelta.</summary>
    /// <inheritdoc cref="Sgd"/>
    public static void Adadelta(ReadOnlySpan<ParameterUpdate> updates, AdadeltaRule rule) => Step(updates, rule);

    /// <summary>One step of Lion.</summary>
    /// <inheritdoc cref="Sgd"/>
    public static void Lion(ReadOnlySpan<ParameterUpdate> updates, LionRule rule) => Step(updates, rule);

    /// <summary>One step of LARS. Norms are taken where the parameters live; nothing waits for a GPU.</summary>
    /// <inheritdoc cref="Sgd"/>
    public static void Lars(ReadOnlySpan<ParameterUpdate> updates, LarsRule rule, TrustRatio trust) => Step(updates, rule, trust);

    /// <summary>One step of LAMB. Norms are taken where the parameters live; nothing waits for a GPU. Needs as much memory as the parameters while it runs.</summary>
    /// <inheritdoc cref="Sgd"/>
    public static void Lamb(ReadOnlySpan<ParameterUpdate> updates, LambRule rule, double rate, TrustRatio trust)
    {
        ParameterUpdate[] directed = new ParameterUpdate[updates.Length];
        int made = 0;
        try
        {
            for (; made < updates.Length; made++)
            {
                ParameterUpdate update = updates[made];
                Tensor direction = Tensor.Empty(update.Parameter.Layout.ForNewBuffer(), update.Parameter.DType, update.Parameter.Accelerator, Tensor.Ownership.Internal);
                directed[made] = update with { Third = direction };
            }

            Step(directed, rule);
            for (int i = 0; i < made; i++) directed[i] = directed[i] with { Gradient = directed[i].Third! };
            Step(directed, new TrustedStepRule(rate), trust);
        }
        finally
        {
            for (int i = 0; i < made; i++) directed[i].Third!.Dispose();
        }
    }

    /// <summary>One pass of a rule over parameters on any accelerators.</summary>
    /// <param name="updates">The parameters with what belongs to them.</param>
    /// <param name="rule">The formula.</param>
    /// <param name="trust">Gives the number at <see cref="UpdateFormula.TrustNumber"/>, from the norms of each parameter and of its gradient.</param>
    internal static void Step<TRule>(ReadOnlySpan<ParameterUpdate> updates, TRule rule, TrustRatio? trust = null) where TRule : struct, IUpdateRule<TRule>
    {
        if (!updates.IsEmpty && updates[0].Parameter.Accelerator is DryAccelerator) return;
        double[]? ratios = trust is { } ratio ? Ratios(updates, ratio) : null;
        FlatList list = FlatList.OfThread;
        GpuPieces gpu = GpuPieces.OfThread;
        try
        {
            int states = rule.Operands - 2;
            long step = -1;
            InlineArray8<double> numbers = default;
            for (int i = 0; i < updates.Length; i++)
            {
                ref readonly ParameterUpdate update = ref updates[i];
                if (update.Step != step)
                {
                    numbers = default;
                    rule.GetNumbers(step = update.Step, numbers);
                }

                ref Piece piece = ref Add(list, gpu, TRule.Name, update, states);
                piece.Numbers = numbers;
                if (ratios is not null) piece.Numbers[UpdateFormula.TrustNumber] = ratios[i];
            }

            UpdateWork<TRule> work = new(rule);
            list.Run(ref work);
            gpu.Run(rule, trust);
            KeepAlive(updates);
        }
        finally
        {
            list.Clear();
            gpu.Clear();
        }
    }

    /// <summary>The trust ratios of the parameters on the CPU; on GPUs they never leave the device.</summary>
    private static double[] Ratios(ReadOnlySpan<ParameterUpdate> updates, TrustRatio trust)
    {
        double[] ratios = new double[updates.Length];
        for (int i = 0; i < ratios.Length; i++)
        {
            if (updates[i].Parameter.Accelerator is GpuAccelerator) continue;
            ratios[i] = trust.Of(GradientKernels.Norm([updates[i].Parameter]), GradientKernels.Norm([updates[i].Gradient]));
        }

        return ratios;
    }

    private static ref Piece Add(FlatList list, GpuPieces gpu, string operation, in ParameterUpdate update, int states)
    {
        Tensor parameter = update.Parameter;
        Tensor? first = State(update.First, 1, update), second = State(update.Second, 2, update), third = State(update.Third, 3, update);
        if (parameter.Accelerator is GpuAccelerator)
            return ref gpu.Add(operation, parameter, written: true, states < 0 ? null : update.Gradient, first, second, third);

        ref Piece piece = ref list.Add(operation, parameter, written: true);
        if (states >= 0) piece.Gradient = list.Companion(operation, parameter, update.Gradient, written: false);
        if (first is not null) piece.First = list.Companion(operation, parameter, first, written: true);
        if (second is not null) piece.Second = list.Companion(operation, parameter, second, written: true);
        if (third is not null) piece.Third = list.Companion(operation, parameter, third, written: true);
        return ref piece;

        Tensor? State(Tensor? state, int number, in ParameterUpdate update) => number > states ? null
            : state ?? throw new ArgumentException($"{operation}: the update of {update.Parameter.Describe()} lacks a state tensor. Pass zeros of the parameter's shape for its first step.");
    }

    private static void KeepAlive(ReadOnlySpan<ParameterUpdate> updates)
    {
        foreach (ref readonly ParameterUpdate update in updates)
        {
            GC.KeepAlive(update.Parameter);
            GC.KeepAlive(update.Gradient);
            GC.KeepAlive(update.First);
            GC.KeepAlive(update.Second);
            GC.KeepAlive(update.Third);
        }
    }
}
