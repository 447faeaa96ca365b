using System.Numerics;

namespace Gradwright.Kernels;

/// <summary>The operands of a fused convolution: images with their channels last (or plane by plane, see the method), a prepared filter, a bias, an addend or 0.</summary>
internal unsafe struct FusedArguments
{
    public ConvolutionShape Shape;
    public FusedMethod Method;
    public Activation Activation;
    public nint X, Filter, Bias, Addend, Y;

    /// <summary>Where the addend has what is added to <paramref name="y"/>, or null.</summary>
    public readonly T* AddendFor<T>(T* y) where T : unmanaged => Addend == 0 ? null : (T*)((nint)y - Y + Addend);
}

/// <summary>The way to the methods.</summary>
internal readonly struct FusedPass : IWindowPass<FusedArguments>
{
    public static void Run<T, V, S>(ref FusedArguments p)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        switch (p.Method)
        {
            case FusedMethod.Pointwise: FusedProducts<T, V, S>.Pointwise(p); break;
            case FusedMethod.Depthwise: FusedDepthwise<T, V, S>.Run(p); break;
            case FusedMethod.Winograd2: FusedWinograd<T, V, S, WinogradTile2>.Run(p); break;
            case FusedMethod.Winograd4: FusedWinograd<T, V, S, WinogradTile4>.Run(p); break;
            default: FusedProducts<T, V, S>.Windows(p); break;
        }
    }
}

/// <summary>How the output of a batch of one or a few images becomes work for several threads: pieces of the map by parts of the channels.</summary>
internal readonly struct FusedCut
{
    /// <summary>Pieces of the map, in order, and parts of the channels, of whole <see cref="Unit"/>s.</summary>
    public readonly int Pieces, Parts, Unit, Channels;

    /// <param name="pieces">Pieces that the map is cut into because of its size.</param>
    /// <param name="channels">Channels made.</param>
    /// <param name="unit">Channels that belong together.</param>
    /// <remarks>Every number is computed in one piece and one part, so the cut may depend on the number of threads: a few pieces alone would leave threads idle.</remarks>
    public FusedCut(int pieces, int channels, int unit)
    {
        int threads = WorkerPool.Shared.Threads, units = (channels + unit - 1) / unit;
        (Pieces, Unit, Channels) = (pieces, unit, channels);
        Parts = pieces >= 4 * threads || pieces % threads == 0 ? 1 : Math.Min(threads, units);
    }

    /// <summary>At least <paramref name="pieces"/>: a number that two or four threads share evenly.</summary>
    public static int InFours(int pieces) => pieces <= 2 ? pieces : (pieces + 3) / 4 * 4;

    public int Tasks => checked(Pieces * Parts);

    /// <summary>The piece of a task: those of a part follow each other.</summary>
    public int Piece(int task) => task % Pieces;

    /// <summary>The first channel of a task's part.</summary>
    public int First(int task) => Bound(task / Pieces);

    /// <summary>The channel after the last one.</summary>
    public int End(int task) => Bound(task / Pieces + 1);

    /// <summary>Where piece <paramref name="i"/> of <paramref name="n"/> rows or pixels begins.</summary>
    public int Begin(int i, int n) => (int)((long)i * n / Pieces);

    private int Bound(int part)
    {
        int units = (Channels + Unit - 1) / Unit;
        return Math.Min((int)((long)part * units / Parts) * Unit, Channels);
    }
}
