using System.Numerics;

namespace Gradwright.Kernels;

/// <summary>What one element of a prediction costs, and how the cost grows with it; written once for every vector shape.</summary>
public interface ILossKernel
{
    /// <summary>The op's stable name.</summary>
    static abstract string Name { get; }

    /// <summary>The loss of a prediction x with the target t; c is the loss's parameter.</summary>
    static abstract V Value<T, V, S>(V x, V t, V c) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>;

    /// <summary>Its derivative by x.</summary>
    static abstract V Slope<T, V, S>(V x, V t, V c) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>;
}
