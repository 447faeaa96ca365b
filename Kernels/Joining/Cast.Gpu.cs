namespace Gradwright.Kernels;

public sealed partial record Cast
{
    private const int Types = (int)DType.Bool + 1;

    // One table per pair of types: an elementwise kernel whose vectors are as long as the larger of the two allows.
    private static readonly KernelTable<MapKey>[] _gpu = [.. Enumerable.Range(0, Types * Types).Select(pair => new KernelTable<MapKey>(key => Convert((DType)(pair / Types), (DType)(pair % Types)).For(key)))];

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        DType from = x[0].DType;
        if (from == DType) new Copy().ExecuteInto(y[0]!, x[0]);
        else MapKernel.Run(gpu, _gpu[(int)from * Types + (int)DType], from.Size > DType.Size ? from : DType, y[0]!, x);
    }

    private static MapFormula Convert(DType from, DType to) => new(GpuTypes.Number(to), [GpuTypes.Number(from)], Write(from, to)) { Functions = GpuSource.File("cast.cuh").Text };

    /// <summary>The conversion as an expression of <c>a</c>; its functions stand in <c>cast.cuh</c>.</summary>
    internal static string Write(DType from, DType to)
    {
        string number = from switch { DType.Float16 => "half_to_float(a)", DType.BFloat16 => "bfloat_to_float(a)", _ => "a" };
        return to switch
        {
            DType.Float32 => $"(float)({number})",
            DType.Float64 => $"(double)({number})",
            DType.Float16 => from == DType.Float64 ? "double_to_half(a)" : $"float_to_half((float)({number}))",
            DType.BFloat16 => $"float_to_bfloat((float)({number}))",
            DType.Int64 => from == DType.Float64 ? "double_to_long(a)" : from.IsFloating ? $"float_to_long({number})" : "(i64)a",
            DType.Int32 => Clamped("-2147483647 - 1", "2147483647"),
            DType.Int8 => $"(i8){Clamped("-128", "127")}",
            DType.UInt8 => $"(u8){Clamped("0", "255")}",
            _ => from.IsHalf ? "(u8)((a & 0x7FFF) != 0)" : "(u8)(a != 0)",
        };

        string Clamped(string low, string high)
            => $"{(from == DType.Float64 ? "double_to_int" : from.IsFloating ? "float_to_int" : "long_to_int")}({number}, {low}, {high})";
    }
}
