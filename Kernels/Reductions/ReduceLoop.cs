using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>The one loop behind every floating-point reduction, for any axes and layout.</summary>
internal static unsafe class ReduceLoop
{
    /// <summary>One result per kept element of <paramref name="x"/>.</summary>
    /// <param name="x">Float32 or Float64, of any layout.</param>
    /// <param name="axes">The reduced dimensions, as a bit set.</param>
    /// <param name="y">Receives the results, row-major.</param>
    /// <param name="center">Receives the centres of a reduction in two passes, row-major, if they are wanted.</param>
    /// <param name="parameter">What the reduction's formula takes besides.</param>
    public static void Run<TReduction>(Tensor x, uint axes, Tensor y, Tensor? center = null, double parameter = 0) where TReduction : struct, IReduction
    {
        bool planned = ReducePlan.TryCreate(x.Layout, axes, out ReducePlan plan);
        using Packed packed = new(x, planned);
        if (!planned) ReducePlan.TryCreate(packed.Tensor.Layout, axes, out plan);
        if (plan.Results == 0) return;
        if (x.DType == DType.Float32) Start<float, TReduction>(plan, packed.Tensor, y, center, parameter);
        else Start<double, TReduction>(plan, packed.Tensor, y, center, parameter);
    }

    private static void Start<T, TReduction>(in ReducePlan plan, Tensor x, Tensor y, Tensor? center, double parameter)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where TReduction : struct, IReduction
    {
        int chunks = plan.Chunks;
        bool apart = chunks > 1;
        using Tensor? partials = apart ? Tensor.Empty([chunks * plan.Results], y.DType, y.Accelerator) : null;
        using Tensor? centers = apart && TReduction.TwoPasses ? Tensor.Empty([plan.Results], y.DType, y.Accelerator) : null;
        Action<T, TReduction> action = new()
        {
            Plan = plan, X = (T*)x.Pointer, Y = (T*)y.Pointer, Center = (T*)(center?.Pointer ?? 0),
            Partials = (T*)(partials?.Pointer ?? 0), Centers = (T*)(centers?.Pointer ?? 0), Chunks = chunks, Parameter = parameter,
        };
        SimdDispatch.Run<T, Action<T, TReduction>>(ref action);
    }

    private struct Action<T, TReduction> : ISimdAction<T> where T : unmanaged, IBinaryFloatingPointIeee754<T> where TReduction : struct, IReduction
    {
        public ReducePlan Plan;
        public T* X, Y, Center, Partials, Centers;
        public int Chunks;
        public double Parameter;

        public void Run<V, S>() where V : struct where S : struct, ISimd<T, V>
            => new ReduceJob<T, V, S, TReduction>
            {
                Plan = Plan, X = X, Y = Y, Center = Center, Partials = Partials, Centers = Centers, Chunks = Chunks, Parameter = Parameter,
            }.Run();
    }
}
