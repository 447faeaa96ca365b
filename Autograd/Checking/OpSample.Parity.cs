using Gradwright.Kernels;

namespace Gradwright.Checking;

public sealed partial record OpSample
{
    /// <summary>
    /// Runs the op, and its derivatives if it has any, on an accelerator and on the CPU, in Float32 or Float64.
    /// </summary>
    /// <returns>The worst difference of a result, max|a−b| / max|b|; ∞ where whole numbers, NaN or infinities differ.</returns>
    public ParityReport CheckParity(Accelerator accelerator, DType dtype, bool gradients = false)
    {
        ArgumentNullException.ThrowIfNull(accelerator);
        using TensorScope scope = new();
        Tensor[] x = MakeOperands(dtype), moved = [.. x.Select(t => new Transfer(t.Accelerator, accelerator).Execute(t))];
        Tensor[] expected = gradients ? GradientsOn(CpuAccelerator.Instance, x) : ResultsOn(CpuAccelerator.Instance, x);
        Tensor[] actual = gradients ? GradientsOn(accelerator, moved) : ResultsOn(accelerator, moved);
        return ParityReport.Compare(actual, expected);
    }

    /// <summary>The outputs and kept outputs.</summary>
    internal Tensor[] ResultsOn(Accelerator accelerator, Tensor[] x)
    {
        // An op without operands runs on the default accelerator.
        Accelerator before = Accelerator.Default;
        try
        {
            Accelerator.Default = accelerator;
            Op.Outputs outputs = default;
            OpOn(accelerator).Execute(x, outputs, keep: true);
            return [.. ((ReadOnlySpan<Tensor?>)outputs).ToArray().OfType<Tensor>()];
        }
        finally
        {
            Accelerator.Default = before;
        }
    }

    /// <summary>The op for operands on an accelerator: a transfer starts where they are.</summary>
    private Op OpOn(Accelerator accelerator) => Op is Transfer ? new Transfer(accelerator, accelerator) : Op;

    /// <summary>The gradients of the weighted sum of the outputs.</summary>
    internal Tensor[] GradientsOn(Accelerator accelerator, Tensor[] x)
    {
        using Tape tape = new();
        Tensor[] variables = [.. x.Where((_, i) => IsVariable(i))];
        foreach (Tensor t in variables) tape.Watch(t);
        Op.Outputs outputs = default;
        Tape.Apply(OpOn(accelerator), x, outputs);
        Tensor weighed = Weigh(((ReadOnlySpan<Tensor?>)outputs)[..Op.OutputCount], t => t.To(accelerator));
        return [.. tape.Gradients(weighed, variables).Select(TensorScope.Keep)];
    }
}
