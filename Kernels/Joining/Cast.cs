using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// The same numbers in another element type. Floating-point types round to nearest, ties to even (a double becomes a BFloat16 by way of float). To an
/// integer: towards zero; what is too large or too small becomes the largest or smallest integer, NaN becomes 0. To Bool: true unless zero, NaN included.
/// </summary>
public sealed partial record Cast(DType DType) : Op
{
    public override string Name => nameof(Cast);
    protected internal override bool TakesHalf => true;

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y) => y[0] = new(DType, x[0].Layout.ForNewBuffer());

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        if (x[0].DType == DType)
        {
            new Copy().ExecuteInto(y[0]!, x[0]);
            return;
        }

        StridedLoop loop = new(y[0]!, x[0]);
        switch (x[0].DType)
        {
            case DType.Float32: To<float, float, Same<float>>(loop); break;
            case DType.Float64: To<double, double, Same<double>>(loop); break;
            case DType.Float16: To<Half, Half, Same<Half>>(loop); break;
            case DType.BFloat16: To<BFloat16, float, FromBFloat16>(loop); break;
            case DType.Int64: To<long, long, Same<long>>(loop); break;
            case DType.Int32: To<int, int, Same<int>>(loop); break;
            case DType.Int8: To<sbyte, sbyte, Same<sbyte>>(loop); break;
            default: To<byte, byte, Same<byte>>(loop); break;
        }
    }

    // Every type is read as a number with arithmetic and written from one: N stands between the two.
    private void To<TX, N, R>(in StridedLoop loop) where TX : unmanaged where N : unmanaged, INumber<N> where R : struct, IReader<TX, N>
    {
        switch (DType)
        {
            case DType.Float32: Run<TX, N, R, float, Saturating<N, float>>(loop); break;
            case DType.Float64: Run<TX, N, R, double, Saturating<N, double>>(loop); break;
            case DType.Float16: Run<TX, N, R, Half, Saturating<N, Half>>(loop); break;
            case DType.BFloat16: Run<TX, N, R, BFloat16, ToBFloat16<N>>(loop); break;
            case DType.Int64: Run<TX, N, R, long, Saturating<N, long>>(loop); break;
            case DType.Int32: Run<TX, N, R, int, Saturating<N, int>>(loop); break;
            case DType.Int8: Run<TX, N, R, sbyte, Saturating<N, sbyte>>(loop); break;
            case DType.UInt8: Run<TX, N, R, byte, Saturating<N, byte>>(loop); break;
            default: Run<TX, N, R, byte, ToBool<N>>(loop); break;
        }
    }

    private static void Run<TX, N, R, TY, W>(StridedLoop loop)
        where TX : unmanaged where N : unmanaged, INumber<N> where R : struct, IReader<TX, N> where TY : unmanaged where W : struct, IWriter<N, TY>
    {
        Row<TX, N, R, TY, W> row = default;
        loop.Run(ref row);
    }

    private interface IReader<TX, N>
    {
        static abstract N Read(TX x);
    }

    private interface IWriter<N, TY>
    {
        static abstract TY Write(N number);

        /// <summary>A row of neighbours by the library's vectorised conversion.</summary>
        /// <returns>False if there is none.</returns>
        static virtual bool TryRow(ReadOnlySpan<N> x, Span<TY> y) => false;
    }

    private readonly struct Same<N> : IReader<N, N>
    {
        public static N Read(N x) => x;
    }

    private readonly struct FromBFloat16 : IReader<BFloat16, float>
    {
        public static float Read(BFloat16 x) => x;
    }

    private readonly struct Saturating<N, TY> : IWriter<N, TY> where N : INumber<N> where TY : INumber<TY>
    {
        public static TY Write(N number) => TY.CreateSaturating(number);

        public static bool TryRow(ReadOnlySpan<N> x, Span<TY> y)
        {
            TensorPrimitives.ConvertSaturating(x, y);
            return true;
        }
    }

    private readonly struct ToBFloat16<N> : IWriter<N, BFloat16> where N : unmanaged, INumber<N>
    {
        public static BFloat16 Write(N number) => (BFloat16)float.CreateSaturating(number);

        /// <summary>From float: adds half a unit of the last place that stays (less a bit where that one is even), and takes the upper half.</summary>
        public static unsafe bool TryRow(ReadOnlySpan<N> x, Span<BFloat16> y)
        {
            if (typeof(N) != typeof(float)) return false;
            int i = 0;
            fixed (N* from = x)
            fixed (BFloat16* to = y)
            {
                for (; i <= x.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
                    Vector.Store(Vector.Narrow(Upper((uint*)from + i), Upper((uint*)from + i + Vector<uint>.Count)), (ushort*)to + i);
            }

            for (; i < x.Length; i++) y[i] = Write(x[i]);
            return true;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static unsafe Vector<uint> Upper(uint* address)
        {
            Vector<uint> bits = Vector.Load(address), upper = Vector.ShiftRightLogical(bits, 16);
            Vector<uint> rounded = Vector.ShiftRightLogical(bits + new Vector<uint>(0x7FFF) + (upper & Vector<uint>.One), 16);
            Vector<uint> isNumber = Vector.LessThanOrEqual(bits & new Vector<uint>(0x7FFFFFFF), new Vector<uint>(0x7F800000));
            return Vector.ConditionalSelect(isNumber, rounded, upper | new Vector<uint>(0x40));
        }
    }

    private readonly struct ToBool<N> : IWriter<N, byte> where N : INumber<N>
    {
        public static byte Write(N number) => number != N.Zero ? (byte)1 : (byte)0;
    }

    private unsafe struct Row<TX, N, R, TY, W> : IRow
        where TX : unmanaged where N : unmanaged, INumber<N> where R : struct, IReader<TX, N> where TY : unmanaged where W : struct, IWriter<N, TY>
    {
        [MethodImpl(HotLoop.Options)]
        public readonly void Run(in StridedLoop loop, byte** p, long n)
        {
            TY* y = (TY*)p[0];
            TX* x = (TX*)p[1];
            long sy = loop.InnerStride(0), sx = loop.InnerStride(1);
            if (typeof(TX) == typeof(N) && sy == 1 && sx == 1 && W.TryRow(new((N*)x, (int)n), new(y, (int)n))) return;
            for (long i = 0; i < n; i++) y[i * sy] = W.Write(R.Read(x[i * sx]));
        }
    }
}
