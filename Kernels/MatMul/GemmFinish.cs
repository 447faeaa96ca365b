using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>One activation's formula.</summary>
internal interface IActivation
{
    static abstract V Apply<T, V, S>(V x) where T : unmanaged where V : struct where S : struct, ISimd<T, V>;
}

internal readonly struct Identity : IActivation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<T, V, S>(V x) where T : unmanaged where V : struct where S : struct, ISimd<T, V> => x;
}

internal readonly struct Relu : IActivation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<T, V, S>(V x) where T : unmanaged where V : struct where S : struct, ISimd<T, V> => S.Max(x, S.Constant(0));
}

/// <summary>The last pass over a piece of C that has just been computed: the bias of its rows and the activation.</summary>
internal static unsafe class GemmFinish<T, V, S> where T : unmanaged where V : struct where S : struct, ISimd<T, V>
{
    /// <summary>The pass that <paramref name="p"/> needs, as (c, rowC, rows, cols, rowBias or null); null if none.</summary>
    public static delegate*<T*, nint, int, int, T*, void> For(in GemmArguments<T> p) => p.Activation switch
    {
        Activation.None => p.RowBias == null ? null : &Run<Identity>,
        Activation.Relu => &Run<Relu>,
        _ => throw new ArgumentOutOfRangeException(nameof(p), p.Activation, "Gemm: not an activation."),
    };

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<TActivation>(T* c, nint rowC, int rows, int cols, T* rowBias) where TActivation : struct, IActivation
    {
        int whole = cols - cols % S.Count, rest = cols - whole;
        for (int i = 0; i < rows; i++, c += rowC)
        {
            V bias = rowBias != null ? S.Broadcast(rowBias[i]) : S.Constant(0);
            for (int j = 0; j < whole; j += S.Count) S.Store(c + j, TActivation.Apply<T, V, S>(S.Add(S.Load(c + j), bias)));
            if (rest != 0) S.StorePart(c + whole, rest, TActivation.Apply<T, V, S>(S.Add(S.LoadPart(c + whole, rest), bias)));
        }
    }
}
