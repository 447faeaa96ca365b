using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>A relation between two numbers.</summary>
public interface IRelation
{
    /// <summary>The op's stable name.</summary>
    static abstract string Name { get; }

    static abstract bool Holds<T>(T a, T b) where T : INumber<T>;

    /// <summary>The same as an expression of <c>a</c> and <c>b</c> in the kernels' dialect, for every element type.</summary>
    static abstract string Source { get; }
}

/// <summary>a = b; false for NaN.</summary>
public readonly struct Equal : IRelation
{
    public static string Name => nameof(Equal);
    public static bool Holds<T>(T a, T b) where T : INumber<T> => a == b;
    public static string Source => "a == b";
}

/// <summary>a ≠ b; true for NaN. On Bool: exclusive or.</summary>
public readonly struct NotEqual : IRelation
{
    public static string Name => nameof(NotEqual);
    public static bool Holds<T>(T a, T b) where T : INumber<T> => a != b;
    public static string Source => "a != b";
}

/// <summary>a &lt; b; false for NaN.</summary>
public readonly struct Less : IRelation
{
    public static string Name => nameof(Less);
    public static bool Holds<T>(T a, T b) where T : INumber<T> => a < b;
    public static string Source => "a < b";
}

/// <summary>a ≤ b; false for NaN.</summary>
public readonly struct LessOrEqual : IRelation
{
    public static string Name => nameof(LessOrEqual);
    public static bool Holds<T>(T a, T b) where T : INumber<T> => a <= b;
    public static string Source => "a <= b";
}

/// <summary>a and b are both not 0.</summary>
public readonly struct LogicalAnd : IRelation
{
    public static string Name => nameof(LogicalAnd);
    public static bool Holds<T>(T a, T b) where T : INumber<T> => !T.IsZero(a) & !T.IsZero(b);
    public static string Source => "a != 0 && b != 0";
}

/// <summary>a or b is not 0.</summary>
public readonly struct LogicalOr : IRelation
{
    public static string Name => nameof(LogicalOr);
    public static bool Holds<T>(T a, T b) where T : INumber<T> => !T.IsZero(a) | !T.IsZero(b);
    public static string Source => "a != 0 || b != 0";
}

/// <summary>a is not a number; b is not looked at.</summary>
public readonly struct NotANumber : IRelation
{
    public static string Name => "IsNaN";
    public static bool Holds<T>(T a, T b) where T : INumber<T> => T.IsNaN(a);
    public static string Source => "a != a";
}

/// <summary>a is finite; b is not looked at.</summary>
public readonly struct Finite : IRelation
{
    public static string Name => "IsFinite";
    public static bool Holds<T>(T a, T b) where T : INumber<T> => T.IsFinite(a);
    public static string Source => "a - a == 0";
}

/// <summary>Whether a relation holds, element by element, broadcast → Bool.</summary>
/// <typeparam name="TRelation">The relation.</typeparam>
public sealed record Compare<TRelation> : Op where TRelation : struct, IRelation
{
    /// <summary>The one instance: the op has no attributes.</summary>
    public static Compare<TRelation> Instance { get; } = new();

    public override string Name => TRelation.Name;
    protected internal override bool WritesAnywhere => true;

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        Check.SameType(this, x);
        y[0] = new(DType.Bool, Broadcasting.OutputLayout(Name, x));
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        CompareLoop<TRelation> action = new() { Loop = new(y[0]!, x) };
        ByType.Number(this, x[0].DType, ref action);
    }

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
        => CompareKernels<TRelation>.Run(this, gpu, x, y[0]!);
}

/// <summary>Whether a relation holds between each element and a number → Bool.</summary>
/// <typeparam name="TRelation">The relation.</typeparam>
/// <param name="Value">The number.</param>
/// <param name="ScalarFirst">The number stands on the left.</param>
public sealed record CompareScalar<TRelation>(double Value, bool ScalarFirst) : Op where TRelation : struct, IRelation
{
    public override string Name => TRelation.Name + "Scalar";
    protected internal override bool WritesAnywhere => true;

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        Scalar.CheckFits(this, Value, x[0]);
        y[0] = new(DType.Bool, x[0].Layout.ForNewBuffer());
    }

    protected override unsafe void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        long scalar = Scalar.BitsOf(Value, x[0].DType);
        CompareLoop<TRelation> action = new() { Loop = ScalarFirst ? new(y[0]!, x[0], x[0]) : new(y[0]!, x[0]) };
        action.Loop.SetScalar(ScalarFirst ? 1 : 2, &scalar);
        ByType.Number(this, x[0].DType, ref action);
    }

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
        => CompareKernels<TRelation>.Run(this, gpu, x, y[0]!, ScalarFirst ? 1 : 2, Scalar.BitsOf(Value, x[0].DType));
}

/// <summary>Comparisons on a GPU.</summary>
internal static class CompareKernels<TRelation> where TRelation : struct, IRelation
{
    private static readonly KernelTable<MapKey> _table = new(key => new MapFormula("u8", [GpuTypes.Number(key.Type), GpuTypes.Number(key.Type)], TRelation.Source).For(key));

    public static void Run(Op op, GpuAccelerator gpu, ReadOnlySpan<Tensor> x, Tensor y, int scalar = 0, long bits = 0)
    {
        MapKernel.Run(gpu, _table, x[0].DType, y, x, scalar, bits, x[0].DType.Size);
    }
}

/// <summary>The loop behind comparisons.</summary>
internal struct CompareLoop<TRelation> : INumberAction where TRelation : struct, IRelation
{
    public StridedLoop Loop;

    public void Run<T>() where T : unmanaged, INumber<T>
    {
        Row<T> row = default;
        Loop.Run(ref row);
    }

    private unsafe struct Row<T> : IRow where T : unmanaged, INumber<T>
    {
        [MethodImpl(HotLoop.Options)]
        public void Run(in StridedLoop loop, byte** p, long n)
        {
            byte* y = p[0];
            T* a = (T*)p[1], b = (T*)p[2];
            long sy = loop.InnerStride(0), sa = loop.InnerStride(1), sb = loop.InnerStride(2);
            for (long i = 0; i < n; i++) y[i * sy] = TRelation.Holds(a[i * sa], b[i * sb]) ? (byte)1 : (byte)0;
        }
    }
}
