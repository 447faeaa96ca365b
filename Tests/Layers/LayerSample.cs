using Gradwright.Checking;
using Gradwright.Kernels;
using Gradwright.Layers;

namespace Gradwright.Tests.Layers;

/// <summary>A layer with operands to try it on: written once, read by the gradient, parity, memory, precision and support-table checks.</summary>
/// <param name="Layer">The layer's type.</param>
/// <param name="Make">Makes it with parameters of a type; all sizes are given.</param>
/// <param name="Operands">What to feed it.</param>
/// <param name="Run">Runs it: from operands to results.</param>
public sealed record LayerSample(Type Layer, Func<DType, Module> Make, Operand[] Operands, Func<Module, Tensor[], Tensor[]> Run)
{
    /// <summary>What BFloat16 explains: a few of its units, relative to the largest element.</summary>
    public const double HalfTolerance = 0.03;

    /// <summary>What is special about this sample, if there are several of a layer.</summary>
    public string Label { get; init; } = "";

    /// <summary>Floating-point operands that are constants all the same.</summary>
    public int[] Constants { get; init; } = [];

    /// <summary>False for a layer whose result has no derivative by its operands (parameters may have one).</summary>
    public bool IsDifferentiable { get; init; } = true;

    /// <summary>How many times the usual difference mixed precision may make: more than 1 where large terms cancel or a choice depends on the last digit.</summary>
    public double HalfSlack { get; init; } = 1;

    /// <summary>False for a layer that has no second derivative.</summary>
    public bool TwiceDifferentiable { get; init; } = true;

    /// <summary>A module with its initial values, which depend on nothing but the sample.</summary>
    public Module Create(DType dtype, Accelerator accelerator)
    {
        Module module = Make(dtype);
        module.Initialize(new Generator(5));
        module.To(accelerator);
        return module;
    }

    public Tensor[] MakeOperands(DType dtype, Accelerator accelerator) => [.. new OpSample(new Copy(), Operands).MakeOperands(dtype).Select(t => t.To(accelerator))];

    /// <summary>The module's results as one tensor, for gradient checks.</summary>
    public Tensor RunAsOne(Module module, Tensor[] x)
    {
        Tensor[] y = Run(module, x);
        return y.Length == 1 && y[0].DType.IsFloating ? y[0] : OpSample.Weigh(y, w => w.To(y[0].Accelerator));
    }

    /// <summary>The operands to differentiate by.</summary>
    public Tensor[] Variables(Tensor[] x) => [.. x.Where((t, i) => IsDifferentiable && t.DType.IsFloating && !Constants.Contains(i))];

    /// <summary>Compares all gradients, or their derivatives, with finite differences in double precision.</summary>
    public GradCheckReport CheckGradient(bool secondOrder = false)
    {
        using TensorScope scope = new();
        using Module module = Create(DType.Float64, CpuAccelerator.Instance);
        Tensor[] x = MakeOperands(DType.Float64, CpuAccelerator.Instance), variables = Variables(x);
        Tensor Forward(Tensor[] moved)
        {
            Tensor[] operands = [.. x.Select(t => Array.IndexOf(variables, t) is >= 0 and int i ? moved[i] : t)];
            return RunAsOne(module, operands);
        }

        return secondOrder ? GradCheck.RunSecondOrder(module, Forward, variables) : GradCheck.Run(module, Forward, variables);
    }

    /// <summary>On an accelerator: results, from order 1 on the gradients by operands and parameters, for order 2 also those of a weighted sum of them; and buffers after the run.</summary>
    public Tensor[] ResultsOn(Accelerator accelerator, DType dtype, int order)
    {
        Accelerator before = Accelerator.Default;
        try
        {
            Accelerator.Default = accelerator;
            using Module module = Create(dtype, accelerator);
            Tensor[] x = MakeOperands(dtype, accelerator);
            Tensor[] y;
            using (Tape tape = new())
            {
                Tensor[] variables = Variables(x);
                foreach (Tensor t in variables) tape.Watch(t);
                y = Run(module, x);
                Tensor[] by = [.. variables, .. module.Parameters()];
                if (order > 0 && by.Length > 0)
                {
                    Tensor[] gradients = tape.Gradients(OpSample.Weigh(y, t => t.To(accelerator)), by, createGraph: order > 1);
                    Tensor slope = OpSample.Weigh(gradients, t => t.To(accelerator));
                    y = [.. y, .. gradients, .. order > 1 && tape.Takes(slope) ? tape.Gradients(slope, by) : []];
                }

                foreach (Tensor t in y) TensorScope.Keep(t);
            }

            return [.. y, .. module.NamedBuffers().Select(entry => new Copy().Execute(entry.Buffer))];
        }
        finally
        {
            Accelerator.Default = before;
        }
    }

    /// <summary>
    /// Runs the layer in mixed precision (BFloat16), and on the CPU in Float32.
    /// </summary>
    /// <returns>The worst result's or gradient's max|a−b| / max|b|, for those that are not next to nothing.</returns>
    public ParityReport CheckMixed(Accelerator accelerator, int order)
    {
        using TensorScope scope = new();
        double[][] expected = [.. ResultsOn(CpuAccelerator.Instance, DType.Float32, order).Select(HostValues.Of)];
        Tensor[] mixed;
        using (MixedPrecision.BFloat16.Use()) mixed = ResultsOn(accelerator, DType.Float32, order);
        double largest = expected.Max(Largest);
        ParityReport worst = new(0, "");
        for (int j = 0; j < expected.Length; j++)
        {
            double[] actual = HostValues.Of(mixed[j]);
            double scale = Math.Max(Largest(expected[j]), 1e-3 * largest), error = actual.Zip(expected[j], (a, b) => Math.Abs(a - b)).DefaultIfEmpty(0).Max() / scale;
            if (!(error <= worst.Error)) worst = new(double.IsNaN(error) ? double.PositiveInfinity : error, $"result {j}");
        }

        return worst;
    }

    /// <summary>Compares with the CPU in double precision.</summary>
    public ParityReport CheckAgainstDouble(Accelerator accelerator, DType dtype, int order)
    {
        using TensorScope scope = new();
        Tensor[] actual = ResultsOn(accelerator, dtype, order), expected = ResultsOn(CpuAccelerator.Instance, DType.Float64, order);
        return ParityReport.Compare([.. actual.Select(t => t.DType.IsFloating ? t.Cast(DType.Float64) : t)], expected);
    }

    private static double Largest(double[] values) => values.Select(Math.Abs).DefaultIfEmpty(0).Max();

    public override string ToString() => $"{Layer.Name}{(Label.Length > 0 ? $" ({Label})" : "")} {string.Join(", ", Operands.Select(o => o.Shape))}";
}
