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
    public static void Sgd(ReadOnlySpan<ParameterUpdate> updates, SgdRule rule)
    {
        FlatList list = FlatList.OfThread;
        GpuPieces gpu = GpuPieces.OfThread;
        try
        {
            foreach (ref readonly ParameterUpdate update in updates)
                Add(list, gpu, nameof(Sgd), update, first: rule.Momentum != 0, second: false);
            list.Run(ref rule);
            gpu.Run(rule);
            KeepAlive(updates);
        }
        finally
        {
            list.Clear();
            gpu.Clear();
        }
    }

    /// <summary>One step of Adam or AdamW.</summary>
    /// <inheritdoc cref="Sgd"/>
    public static void Adam(ReadOnlySpan<ParameterUpdate> updates, AdamRule rule)
    {
        FlatList list = FlatList.OfThread;
        GpuPieces gpu = GpuPieces.OfThread;
        try
        {
            long step = 0;
            double stepSize = 0, rootScale = 0;
            foreach (ref readonly ParameterUpdate update in updates)
            {
                if (update.Step != step)
                {
                    step = update.Step;
                    stepSize = rule.Rate / (1 - Math.Pow(rule.Beta1, step));
                    rootScale = 1 / Math.Sqrt(1 - Math.Pow(rule.Beta2, step));
                }

                ref Piece piece = ref Add(list, gpu, nameof(Adam), update, first: true, second: true);
                (piece.StepSize, piece.RootScale) = (stepSize, rootScale);
            }

            list.Run(ref rule);
            gpu.Run(rule);
            KeepAlive(updates);
        }
        finally
        {
            list.Clear();
            gpu.Clear();
        }
    }

    private static ref Piece Add(FlatList list, GpuPieces gpu, string operation, in ParameterUpdate update, bool first, bool second)
    {
        Tensor parameter = update.Parameter;
        if (parameter.Accelerator is GpuAccelerator)
        {
            return ref gpu.Add(operation, parameter, written: true, update.Gradient, first ? update.First ?? throw NoState(operation, parameter) : null,
                second ? update.Second ?? throw NoState(operation, parameter) : null);
        }

        ref Piece piece = ref list.Add(operation, parameter, written: true);
        piece.Gradient = list.Companion(operation, parameter, update.Gradient, written: false);
        if (first) piece.First = list.Companion(operation, parameter, update.First ?? throw NoState(operation, parameter), written: true);
        if (second) piece.Second = list.Companion(operation, parameter, update.Second ?? throw NoState(operation, parameter), written: true);
        return ref piece;
    }

    private static void KeepAlive(ReadOnlySpan<ParameterUpdate> updates)
    {
        foreach (ref readonly ParameterUpdate update in updates)
        {
            GC.KeepAlive(update.Parameter);
            GC.KeepAlive(update.Gradient);
            GC.KeepAlive(update.First);
            GC.KeepAlive(update.Second);
        }
    }

    private static ArgumentException NoState(string operation, Tensor parameter)
        => new($"{operation}: the update of {parameter.Describe()} lacks a state tensor. Pass zeros of the parameter's shape for its first step.");
}
