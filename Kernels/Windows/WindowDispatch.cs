using System.Numerics;

namespace Gradwright.Kernels;

/// <summary>One pass over images, written once for every element type and vector shape.</summary>
internal interface IWindowPass<TArguments> where TArguments : struct
{
    static abstract void Run<T, V, S>(ref TArguments p)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>;
}

internal static class WindowDispatch
{
    // Elementary operations below which a pass stays on its caller's thread: a few microseconds.
    private const double ParallelWork = 60_000;

    public static void Run<TPass, TArguments>(DType dtype, ref TArguments p)
        where TPass : struct, IWindowPass<TArguments> where TArguments : struct
    {
        if (dtype == DType.Float32) Run<float, TPass, TArguments>(ref p);
        else Run<double, TPass, TArguments>(ref p);
    }

    /// <summary>Runs independent tasks, on several threads if there is enough <paramref name="work"/>.</summary>
    public static void Share<TJob>(long tasks, double work, ref TJob job) where TJob : struct, IParallelJob
    {
        int count = checked((int)tasks);
        if (work >= ParallelWork) WorkerPool.Shared.Run(count, ref job);
        else for (int task = 0; task < count; task++) job.Execute(task);
    }

    private static void Run<T, TPass, TArguments>(ref TArguments p)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where TPass : struct, IWindowPass<TArguments> where TArguments : struct
    {
        Action<T, TPass, TArguments> action = new() { Arguments = p };
        SimdDispatch.Run<T, Action<T, TPass, TArguments>>(ref action);
    }

    private struct Action<T, TPass, TArguments> : ISimdAction<T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where TPass : struct, IWindowPass<TArguments> where TArguments : struct
    {
        public TArguments Arguments;

        public void Run<V, S>() where V : struct where S : struct, ISimd<T, V> => TPass.Run<T, V, S>(ref Arguments);
    }
}
