using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>A computation of one line, or of a bundle of neighbouring ones, along a dimension.</summary>
internal unsafe interface ILine<T, V, S> where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
{
    /// <param name="walk">How to go along the line.</param>
    /// <param name="offset">The first element of the first line.</param>
    /// <param name="line">The number of the first line, of those in the tensor.</param>
    void Run(in LaneWalk walk, long offset, long line);
}

/// <summary>All lines of a row-major tensor along one dimension, bundled by lanes and cut into tasks by size.</summary>
internal unsafe struct LineJob<T, V, S, TLine> : IParallelJob
    where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> where TLine : struct, ILine<T, V, S>
{
    private const long TaskElements = 16 << 10;

    private AxisView _view;
    private TLine _line;
    private long _strips, _bundles, _bundlesPerTask;
    private bool _streams;

    /// <param name="view">The lines.</param>
    /// <param name="line">What to do with a bundle of them.</param>
    /// <param name="result">A tensor of the lines' shape that the last pass over a line writes, and nothing reads: it may be streamed.</param>
    public static void Run(AxisView view, in TLine line, T* result = null)
    {
        if (view.Outer * view.Length * view.Inner == 0) return;
        LineJob<T, V, S, TLine> job = new() { _view = view, _line = line, _strips = view.Inner == 1 ? 1 : (view.Inner + S.Count - 1) / S.Count };
        job._bundles = view.Outer * job._strips;
        job._bundlesPerTask = Math.Max(1, TaskElements / (view.Length * Math.Min(view.Inner, S.Count)));
        job._streams = view.Inner == 1 && StreamingStores.PayInRows(result, view.Outer, view.Length * sizeof(T), Unsafe.SizeOf<V>());
        WorkerPool.Shared.Run(checked((int)((job._bundles + job._bundlesPerTask - 1) / job._bundlesPerTask)), ref job);
    }

    [MethodImpl(HotLoop.Options)]
    public readonly void Execute(int task)
    {
        for (long bundle = task * _bundlesPerTask, end = Math.Min(_bundles, bundle + _bundlesPerTask); bundle < end; bundle++)
        {
            long outer = bundle / _strips, start = (bundle - outer * _strips) * S.Count;
            LaneWalk walk = _view.Inner == 1
                ? LaneWalk.Row(_view.Length, S.Count)
                : LaneWalk.Columns(_view.Length, _view.Inner, (int)Math.Min(S.Count, _view.Inner - start), S.Count);
            if (_streams) walk = walk with { Streams = true };
            _line.Run(walk, outer * _view.Length * _view.Inner + start, outer * _view.Inner + start);
        }

        if (_streams) StreamingStores.Fence();
    }
}
