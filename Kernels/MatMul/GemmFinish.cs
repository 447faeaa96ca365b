using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>The last pass over a piece of C that has just been computed: the bias of its rows and the activation.</summary>
internal static unsafe class GemmFinish<T, V, S>
    where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
{
    /// <summary>The pass that <paramref name="p"/> needs, as (c, rowC, rows, cols, rowBias or null); null if none.</summary>
    public static delegate*<T*, nint, int, int, T*, void> For(in GemmArguments<T> p) => p.Activation switch
    {
        Activation.None => p.RowBias == null ? null : &Run<Identity>,
        Activation.Relu => &Run<Relu>,
        _ => throw new ArgumentOutOfRangeException(nameof(p), p.Activation, "Gemm: not an activation."),
    };

    [MethodImpl(HotLoop.Options)]
    private static void Run<TActivation>(T* c, nint rowC, int rows, int cols, T* rowBias) where TActivation : struct, IUnaryKernel
    {
        int whole = cols - cols % S.Count, rest = cols - whole;
        for (int i = 0; i < rows; i++, c += rowC)
        {
            V bias = rowBias != null ? S.Broadcast(rowBias[i]) : S.Constant(0);
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
}
