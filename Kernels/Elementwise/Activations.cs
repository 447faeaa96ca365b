using System.Numerics;

namespace Gradwright.Kernels;

/// <summary>y = max(x, 0); NaN stays NaN.</summary>
public readonly struct Relu : IUnaryKernel
{
    public static string Name => "ReLU";
    public static V Apply<T, V, S>(V x) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => S.Max(x, S.Constant(0));
}

/// <summary>The backward pass of ReLU: dx = g where y &gt; 0, else 0.</summary>
public readonly struct ReluGradient : IBinaryKernel
{
    public static string Name => "ReLUGradient";
    public static V Apply<T, V, S>(V g, V y) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => S.And(S.Less(S.Constant(0), y), g);
}
