using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>What a running total takes together.</summary>
internal interface IRunningFold
{
    static abstract T Identity<T>() where T : INumber<T>;
    static abstract T Combine<T>(T a, T b) where T : INumber<T>;
}

/// <summary>Running sums.</summary>
internal readonly struct RunningSum : IRunningFold
{
    public static T Identity<T>() where T : INumber<T> => T.Zero;
    public static T Combine<T>(T a, T b) where T : INumber<T> => a + b;
}

/// <summary>Running products.</summary>
internal readonly struct RunningProduct : IRunningFold
{
    public static T Identity<T>() where T : INumber<T> => T.One;
    public static T Combine<T>(T a, T b) where T : INumber<T> => a * b;
}

/// <summary>
/// Running totals along one dimension of a row-major tensor, forwards or backwards. Floating-point numbers are taken together in double precision, integers and truth
/// values in Int64.
/// </summary>
internal struct RunningTotals<TFold> : INumberAction where TFold : struct, IRunningFold
{
    private const long Strip = 64;  // neighbouring lines that are walked together, so that memory is read in order

    public AxisView View;
    public bool Reversed;
    public nint X, Y;

    public readonly void Run<T>() where T : unmanaged, INumber<T>
    {
        if (typeof(T) == typeof(float)) Start<float, double, float>();
        else if (typeof(T) == typeof(double)) Start<double, double, double>();
        else Start<T, long, long>();
    }

    private readonly unsafe void Start<T, TTotal, TResult>() where T : unmanaged, INumber<T> where TTotal : unmanaged, INumber<TTotal> where TResult : unmanaged, INumber<TResult>
    {
        Job<T, TTotal, TResult> job = new() { View = View, Reversed = Reversed, X = (T*)X, Y = (TResult*)Y, Strips = (View.Inner + Strip - 1) / Strip };
        job.CellsPerTask = Math.Max(1, (16 << 10) / (View.Length * Math.Min(View.Inner, Strip)));
        WorkerPool.Shared.Run(checked((int)((View.Outer * job.Strips + job.CellsPerTask - 1) / job.CellsPerTask)), ref job);
    }

    private unsafe struct Job<T, TTotal, TResult> : IParallelJob where T : unmanaged, INumber<T> where TTotal : unmanaged, INumber<TTotal> where TResult : unmanaged, INumber<TResult>
    {
        public AxisView View;
        public bool Reversed;
        public T* X;
        public TResult* Y;
        public long Strips, CellsPerTask;

        [MethodImpl(HotLoop.Options)]
        public readonly void Execute(int task)
        {
            TTotal* totals = stackalloc TTotal[(int)Strip];
            for (long cell = task * CellsPerTask, end = Math.Min(View.Outer * Strips, cell + CellsPerTask); cell < end; cell++)
            {
                long start = cell % Strips * Strip, at = cell / Strips * View.Length * View.Inner + start, step = View.Inner;
                int width = (int)Math.Min(Strip, View.Inner - start);
                if (Reversed) (at, step) = (at + (View.Length - 1) * View.Inner, -step);
                new Span<TTotal>(totals, width).Fill(TFold.Identity<TTotal>());
                for (long i = 0; i < View.Length; i++, at += step)
                {
                    for (int j = 0; j < width; j++)
                    {
                        totals[j] = TFold.Combine(totals[j], TTotal.CreateTruncating(X[at + j]));
                        Y[at + j] = TResult.CreateTruncating(totals[j]);
                    }
                }
            }
        }
    }
}
