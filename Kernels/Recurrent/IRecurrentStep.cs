using System.Numerics;

namespace Gradwright.Kernels;

/// <summary>
/// What one step of a recurrent cell does to one number of its state, once the matrix products are there. Written once for every vector shape, and written out as
/// source for GPUs.
/// </summary>
public interface IRecurrentStep
{
    /// <summary>The op's stable name.</summary>
    static abstract string Name { get; }

    /// <summary>Numbers of the products per number of the state, at most 4.</summary>
    static abstract int Gates { get; }

    /// <summary>Numbers kept for the backward pass per number of the state, at most 4.</summary>
    static abstract int Kept { get; }

    /// <summary>Whether there is a cell state c beside h.</summary>
    static abstract bool HasCell { get; }

    /// <summary>Whether the products of input and state get gradients that differ; otherwise only their sum counts.</summary>
    static abstract bool IsSplit { get; }

    /// <summary>The next h.</summary>
    /// <param name="x">The input's products.</param>
    /// <param name="u">The products of h, with their bias.</param>
    /// <param name="h">The state before.</param>
    /// <param name="c">The cell state before, and then after.</param>
    /// <param name="kept">What the backward pass needs.</param>
    static abstract V Forward<T, V, S>(in Quad<V> x, in Quad<V> u, V h, ref V c, out Quad<V> kept)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>;

    /// <summary>The gradient of the h before that does not pass through the product.</summary>
    /// <param name="kept">What <see cref="Forward"/> kept.</param>
    /// <param name="step">The states around the step, and the gradient of the h that it made.</param>
    /// <param name="dc">The gradient of the cell state after, and then before.</param>
    /// <param name="dx">The gradients of the input's products.</param>
    /// <param name="du">Those of the products of h.</param>
    static abstract V Backward<T, V, S>(in Quad<V> kept, in RecurrentStates<V> step, ref V dc, out Quad<V> dx, out Quad<V> du)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>;
}

/// <summary>The states around a step, and the gradient that arrives.</summary>
/// <typeparam name="V">The register.</typeparam>
public struct RecurrentStates<V> where V : struct
{
    /// <summary>h after and before the step, c before and after it.</summary>
    public V Y, H, CBefore, CAfter;

    /// <summary>The gradient of the h after.</summary>
    public V G;
}
