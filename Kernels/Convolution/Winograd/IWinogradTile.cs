using System.Numerics;

namespace Gradwright.Kernels;

/// <summary>
/// Winograd's minimal filtering in one dimension, F(m, 3): m neighbouring outputs of a filter of three elements with m + 2 products instead of 3m,
/// y = Aᵀ (G w ⊙ Bᵀ x). Applied to rows and columns it makes m × m pixels. Each transform is written for a vector of channels.
/// Lavin and Gray, "Fast algorithms for convolutional neural networks" (2016).
/// </summary>
/// <remarks>Every member reads all of its operands, <c>step</c> elements apart, before it writes the results, <c>stepTo</c> apart: they may overlap.</remarks>
internal unsafe interface IWinogradTile
{
    /// <summary>m: outputs along one side.</summary>
    static abstract int Size { get; }

    /// <summary>Bᵀ: m + 2 pixels of the image → m + 2 points.</summary>
    static abstract void Image<T, V, S>(T* from, nint step, T* to, nint stepTo)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>;

    /// <summary>G: 3 elements of the filter → m + 2 points.</summary>
    static abstract void Filter<T, V, S>(T* from, nint step, T* to, nint stepTo)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>;

    /// <summary>Aᵀ: m + 2 points → m pixels of the result, each plus <paramref name="bias"/>.</summary>
    static abstract void Result<T, V, S>(T* from, nint step, V bias, T* to, nint stepTo)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>;

    /// <summary>A: m pixels of the result's gradient → m + 2 points.</summary>
    static abstract void ResultGradient<T, V, S>(T* from, nint step, T* to, nint stepTo)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>;

    /// <summary>Gᵀ: m + 2 points → 3 elements of the filter's gradient.</summary>
    static abstract void FilterGradient<T, V, S>(T* from, nint step, T* to, nint stepTo)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>;
}
