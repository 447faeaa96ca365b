namespace Gradwright.Kernels;

/// <summary>
/// Numbers that change from step to step, such as a learning rate or a place in a random stream, reach kernels through the device's memory: a recorded sequence of
/// launches, whose arguments are fixed, can be repeated with new ones.
/// </summary>
internal static unsafe class StepNumbers
{
    /// <summary>The key and the counter of a random stream: two words of 64 bits.</summary>
    public static Tensor Upload(GpuAccelerator gpu, ulong key, ulong counter)
    {
        ulong* words = stackalloc ulong[] { key, counter };
        Tensor numbers = Tensor.Empty([2], DType.Int64, gpu);
        gpu.Upload(words, numbers.Buffer, 2 * sizeof(ulong));
        return numbers;
    }

    /// <summary>Numbers in the element type of the kernel, Float32 or Float64.</summary>
    public static Tensor Upload(GpuAccelerator gpu, ReadOnlySpan<double> values, DType dtype)
    {
        Tensor numbers = Tensor.Empty([values.Length], dtype, gpu);
        if (dtype == DType.Float64)
        {
            fixed (double* p = values) gpu.Upload(p, numbers.Buffer, values.Length * sizeof(double));
            return numbers;
        }

        float* singles = stackalloc float[values.Length];
        for (int i = 0; i < values.Length; i++) singles[i] = (float)values[i];
        gpu.Upload(singles, numbers.Buffer, values.Length * sizeof(float));
        return numbers;
    }
}
