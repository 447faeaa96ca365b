namespace Gradwright.Tests.Optim;

/// <summary>Parameters with assigned gradients that follow a fixed formula of parameter, step and element.</summary>
internal sealed class TestModel : IDisposable
{
    public TestModel(DType dtype, params Shape[] shapes) : this([.. shapes.Select(shape => (shape, dtype))]) { }

    public TestModel(params (Shape Shape, DType DType)[] tensors) : this(CpuAccelerator.Instance, tensors) { }

    public TestModel(Accelerator accelerator, params (Shape Shape, DType DType)[] tensors)
    {
        using var suspension = TensorScope.Suspend();
        Parameters = [.. tensors.Select(t => Tensor.Parameter(t.Shape, t.DType, accelerator: accelerator))];
        for (int k = 0; k < Parameters.Length; k++)
        {
            Write(Parameters[k], i => Start(k, i));
            Parameters[k].Grad = Tensor.Zeros(tensors[k].Shape, tensors[k].DType, accelerator);
        }
    }

    public Tensor[] Parameters { get; }

    /// <summary>Value of element i of parameter k before training.</summary>
    public static double Start(int k, long i) => Round(Math.Sin(1.7 * i + k) + 0.1);

    /// <summary>Gradient of element i of parameter k at step t: of both signs, sometimes 0, of very different sizes.</summary>
    public static double Gradient(int k, int t, long i) => (i + t) % 11 == 3 ? 0 : Round(Math.Cos(0.9 * i + 2.3 * t + k) * Math.Pow(10, i % 5 - 3));

    public void SetGradients(int t)
    {
        for (int k = 0; k < Parameters.Length; k++) Write(Parameters[k].Grad!, i => Gradient(k, t, i));
    }

    public static double[] Read(Tensor tensor)
        => tensor.DType == DType.Float64 ? tensor.ToArray<double>() : Array.ConvertAll(tensor.ToArray<float>(), x => (double)x);

    public double[][] Values() => Array.ConvertAll(Parameters, Read);

    public static void Write(Tensor tensor, Func<long, double> value)
    {
        double[] values = new double[tensor.Count];
        for (int i = 0; i < values.Length; i++) values[i] = value(i);
        if (tensor.DType == DType.Float64) tensor.CopyFrom(values);
        else tensor.CopyFrom(Array.ConvertAll(values, x => (float)x));
    }

    public void Dispose()
    {
        foreach (Tensor parameter in Parameters)
        {
            parameter.Grad?.Dispose();
            parameter.Dispose();
        }
    }

    // Values that a float holds exactly, so that single and double precision train on the same numbers.
    private static double Round(double value) => (float)value;
}
