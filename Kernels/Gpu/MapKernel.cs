namespace Gradwright.Kernels;

/// <summary>How the operands of an elementwise kernel lie in memory.</summary>
internal enum MapLayout : byte
{
    /// <summary>All in one run, in the same order.</summary>
    Dense,

    /// <summary>Dense, and at addresses that allow vectors of 16 bytes.</summary>
    Vectors,

    /// <summary>Any strides.</summary>
    Strided,

    /// <summary>Any strides, positions beyond 32 bits.</summary>
    Wide,
}

/// <summary>What the specialisations of an elementwise kernel differ in.</summary>
/// <param name="Type">The element type of the operands, or of the values that are moved.</param>
/// <param name="Layout">How they lie.</param>
/// <param name="Scalar">Which operand is one number for all, from 1; 0 for none.</param>
/// <param name="Group">Work items of a group.</param>
internal readonly record struct MapKey(DType Type, MapLayout Layout, int Scalar, int Group);

/// <summary>The element types and the formula of an elementwise kernel.</summary>
/// <param name="Result">TY.</param>
/// <param name="Operands">TA, TB, TC.</param>
/// <param name="Formula">F of a, b, c, as an expression.</param>
internal readonly record struct MapFormula(string Result, string[] Operands, string Formula)
{
    /// <summary>The floating-point type that the formula computes in, if it does.</summary>
    public string? Real { get; init; }

    /// <summary>Functions that the formula calls.</summary>
    public string Functions { get; init; } = "";

    /// <summary>The specialisation of <c>map.cu</c>.</summary>
    public KernelSpec For(MapKey key)
    {
        string[] names = ["TA", "TB", "TC"], letters = ["a", "b", "c"];
        List<(string, string)> defines = [];
        if (Real is not null) defines.Add(("REAL", Real));
        defines.Add(("OPERANDS", $"{Operands.Length}"));
        defines.Add(("SCALAR", $"{key.Scalar}"));
        defines.Add(("DENSE", key.Layout is MapLayout.Dense or MapLayout.Vectors ? "1" : "0"));
        defines.Add(("VECTOR", key.Layout == MapLayout.Vectors ? $"{MapKernel.VectorLength(key.Type)}" : "1"));
        defines.Add(("INDEX", key.Layout == MapLayout.Wide ? "i64" : "int"));
        defines.Add(("TY", Result));
        for (int i = 0; i < Operands.Length; i++) defines.Add((names[i], Operands[i]));
        defines.Add(($"F({string.Join(", ", letters[..Operands.Length])})", $"({Formula})"));
        return new(GpuSource.File("map.cu"), key.Layout is MapLayout.Dense or MapLayout.Vectors ? "map_dense" : "map_strided", key.Group, [.. defines]) { Functions = Functions };
    }
}

/// <summary>Launches elementwise kernels.</summary>
internal static unsafe class MapKernel
{
    /// <summary>Elements of a 16-byte vector.</summary>
    public static int VectorLength(DType type) => 16 / Math.Max(4, type.Size);

    /// <summary>y = F(x₀, x₁, …), the operands broadcast to y.</summary>
    /// <param name="gpu">Where.</param>
    /// <param name="kernels">The specialisations.</param>
    /// <param name="type">Which of them.</param>
    /// <param name="y">The output, of any strides.</param>
    /// <param name="x">The operands that are tensors, in order.</param>
    /// <param name="scalar">Which operand is a number, from 1; 0 for none.</param>
    /// <param name="bits">That number's bytes.</param>
    /// <param name="scalarSize">Bytes of that number.</param>
    public static void Run(GpuAccelerator gpu, KernelTable<MapKey> kernels, DType type, Tensor y, ReadOnlySpan<Tensor> x, int scalar = 0, long bits = 0, int scalarSize = 0)
    {
        if (y.Count == 0) return;
        StridedLoop loop = new(y, x);
        int group = gpu.Tuning.MapGroup;
        MapLayout layout = loop.IsDense ? gpu.Tuning.MapVectors && IsAligned(y, type) && AreAligned(x, type) ? MapLayout.Vectors : MapLayout.Dense
            : IsWide(gpu, y) || AreWide(gpu, x) ? MapLayout.Wide : MapLayout.Strided;
        KernelArguments arguments = new();
        arguments.Out(y);
        int next = 0;
        for (int k = 1; k <= x.Length + (scalar > 0 ? 1 : 0); k++)
        {
            if (k == scalar) GpuTypes.AddScalar(ref arguments, (ulong)bits, scalarSize);
            else arguments.In(x[next++]);
        }

        long items = y.Count;
        if (loop.IsDense)
        {
            arguments.Value(y.Count);
            if (layout == MapLayout.Vectors) items = (items + VectorLength(type) - 1) / VectorLength(type);
        }
        else
        {
            arguments.Value(Describe(loop, y.Count, x.Length, scalar));
        }

        gpu.Launch(kernels[new(type, layout, scalar, group)], LaunchSize.Covering(items, group), ref arguments);
    }

    /// <summary>The loop as the kernel takes it, with the scalar's place left out.</summary>
    public static Walk Describe(in StridedLoop loop, long count, int operands, int scalar = 0)
    {
        Walk walk = new() { Count = count, Rank = loop.Rank };
        for (int d = 0; d < loop.Rank; d++)
        {
            walk.Length[d] = loop.Length(d);
            int next = 0;
            for (int k = 0; k <= operands + (scalar > 0 ? 1 : 0); k++)
                if (k == 0 || k != scalar) walk.Stride[d * StridedLoop.MaxOperands + k] = loop.Stride(d, next++);
        }

        return walk;
    }

    /// <summary>Positions in the tensor do not fit into 32 bits with room to spare.</summary>
    public static bool IsWide(GpuAccelerator gpu, Tensor x)
    {
        (long first, long last) = x.Layout.Extent();
        return Math.Max(last - first, x.Count) >= gpu.Tuning.WideFrom;
    }

    private static bool AreWide(GpuAccelerator gpu, ReadOnlySpan<Tensor> x)
    {
        foreach (Tensor tensor in x)
            if (IsWide(gpu, tensor)) return true;
        return false;
    }

    private static bool IsAligned(Tensor x, DType type) => x.Layout.Offset % VectorLength(type) == 0;

    private static bool AreAligned(ReadOnlySpan<Tensor> x, DType type)
    {
        foreach (Tensor tensor in x)
            if (!IsAligned(tensor, type)) return false;
        return true;
    }
}
