using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>The last pass over a piece of a result that has just been computed: the bias of its rows, what is added, and the activation.</summary>
internal static unsafe class GemmFinish<T, V, S>
    where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
{
    /// <summary>The pass that <paramref name="p"/> needs, as (c, rowC, rows, cols, rowBias or null, addend or null); null if none.</summary>
    public static delegate*<T*, nint, int, int, T*, T*, void> For(in GemmArguments<T> p) => For(p.Activation, p.RowBias != null || p.Addend != null);

    /// <summary>The pass for an activation, or null if there is nothing to do.</summary>
    public static delegate*<T*, nint, int, int, T*, T*, void> For(Activation activation, bool adds) => activation switch
    {
        Activation.None => adds ? &Run<Identity> : null,
        Activation.Relu => &Run<Relu>,
        Activation.Relu6 => &Run<Relu6>,
        Activation.Sigmoid => &Run<Sigmoid>,
        Activation.Tanh => &Run<Tanh>,
        Activation.Gelu => &Run<Gelu>,
        Activation.GeluTanh => &Run<GeluTanh>,
        Activation.Silu => &Run<Silu>,
        Activation.HardSigmoid => &Run<HardSigmoid>,
        Activation.HardSwish => &Run<HardSwish>,
        _ => throw new ArgumentOutOfRangeException(nameof(activation), activation, "Gemm: not an activation."),
    };

    [MethodImpl(HotLoop.Options)]
    private static void Run<TActivation>(T* c, nint rowC, int rows, int cols, T* rowBias, T* addend) where TActivation : struct, IUnaryKernel
    {
        int whole = cols - cols % S.Count, rest = cols - whole;
        for (int i = 0; i < rows; i++, c += rowC)
        {
            V bias = rowBias != null ? S.Broadcast(rowBias[i]) : S.Constant(0);
            if (addend != null)
            {
                for (int j = 0; j < whole; j += S.Count) S.Store(c + j, TActivation.Apply<T, V, S>(S.Add(S.Add(S.Load(c + j), bias), S.Load(addend + j))));
                if (rest != 0) S.StorePart(c + whole, rest, TActivation.Apply<T, V, S>(S.Add(S.Add(S.LoadPart(c + whole, rest), bias), S.LoadPart(addend + whole, rest))));
                addend += rowC;
                continue;
            }

            for (int j = 0; j < whole; j += S.Count) S.Store(c + j, TActivation.Apply<T, V, S>(S.Add(S.Load(c + j), bias)));
            if (rest != 0) S.StorePart(c + whole, rest, TActivation.Apply<T, V, S>(S.Add(S.LoadPart(c + whole, rest), bias)));
        }
    }

    private readonly struct Identity : IUnaryKernel
    {
        public static string Name => "Identity";

        public static V2 Apply<T2, V2, S2>(V2 x)
            where T2 : unmanaged, IBinaryFloatingPointIeee754<T2> where V2 : struct where S2 : struct, ISimd<T2, V2> => x;
    }

    private readonly struct Relu6 : IUnaryKernel
    {
        public static string Name => "ReLU6";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V2 Apply<T2, V2, S2>(V2 x)
            where T2 : unmanaged, IBinaryFloatingPointIeee754<T2> where V2 : struct where S2 : struct, ISimd<T2, V2> => S2.Min(S2.Max(x, S2.Constant(0)), S2.Constant(6));
    }
}
