using System.Numerics;

namespace Gradwright.Kernels;

/// <summary>Work that is written once for every floating-point element type.</summary>
internal interface IFloatingAction
{
    void Run<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T>;
}

/// <summary>Work that is written once for every element type with arithmetic.</summary>
internal interface INumberAction
{
    void Run<T>() where T : unmanaged, INumber<T>;
}

/// <summary>Work that only moves elements and knows them by size: 1, 2, 4 or 8 bytes.</summary>
internal interface IBitsAction
{
    void Run<T>() where T : unmanaged, IEquatable<T>;
}

/// <summary>From an element type known at run time to a type parameter.</summary>
internal static class ByType
{
    public static void Floating<TAction>(Op op, DType dtype, ref TAction action) where TAction : struct, IFloatingAction
    {
        switch (dtype)
        {
            case DType.Float32: action.Run<float>(); break;
            case DType.Float64: action.Run<double>(); break;
            default: throw new DTypeException($"{op.Name}: computes in Float32 and Float64, not {dtype}. Write x.Cast(DType.Float32).");
        }
    }

    /// <summary>Bool counts as bytes 0 and 1.</summary>
    public static void Number<TAction>(Op op, DType dtype, ref TAction action) where TAction : struct, INumberAction
    {
        switch (dtype)
        {
            case DType.Float32: action.Run<float>(); break;
            case DType.Float64: action.Run<double>(); break;
            case DType.Int64: action.Run<long>(); break;
            case DType.Int32: action.Run<int>(); break;
            case DType.Int8: action.Run<sbyte>(); break;
            case DType.UInt8 or DType.Bool: action.Run<byte>(); break;
            default: throw new DTypeException($"{op.Name}: does not compute in {dtype}. Write x.Cast(DType.Float32).");
        }
    }

    /// <exception cref="DTypeException">There is no arithmetic in <paramref name="dtype"/>.</exception>
    public static void RequireNumber(Op op, DType dtype)
    {
        NoAction action = default;
        Number(op, dtype, ref action);
    }

    private struct NoAction : INumberAction
    {
        public readonly void Run<T>() where T : unmanaged, INumber<T> { }
    }

    public static void Bits<TAction>(DType dtype, ref TAction action) where TAction : struct, IBitsAction
    {
        switch (dtype.Size)
        {
            case 1: action.Run<byte>(); break;
            case 2: action.Run<ushort>(); break;
            case 4: action.Run<uint>(); break;
            default: action.Run<ulong>(); break;
        }
    }
}
