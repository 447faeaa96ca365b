namespace Gradwright;

internal static class HostValues
{
    /// <summary>The elements of any type, in row-major order, as doubles.</summary>
    public static unsafe double[] Of(Tensor x)
    {
        if (x.DType == DType.Float64) return x.ToArray<double>();
        int size = x.DType.Size;
        byte[] bytes = new byte[checked((int)x.Count * size)];
        fixed (byte* p = bytes) x.Accelerator.GatherToHost(x.Buffer, x.Layout, size, p);
        GC.KeepAlive(x);
        double[] values = new double[x.Count];
        for (int i = 0; i < values.Length; i++) values[i] = Tensor.ReadElement(bytes.AsSpan(i * size, size), x.DType);
        return values;
    }
}
