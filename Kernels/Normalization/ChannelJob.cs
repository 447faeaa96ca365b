using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// Every channel of a row-major [N, C, …]: alone, as N rows, or as bundles of columns where a channel has one element per sample.
/// A channel is walked several times while it lies in the second-level cache.
/// </summary>
internal unsafe struct ChannelJob<T, V, S, TLine> : IParallelJob
    where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> where TLine : struct, ILine<T, V, S>
{
    private const long TaskElements = 16 << 10;

    private AxisView _view;
    private TLine _line;
    private long _bundles, _bundlesPerTask;
    private bool _streams;

    /// <param name="view">Samples, channels and the elements of a channel in one sample.</param>
    /// <param name="line">What to do with a channel.</param>
    /// <param name="result">A tensor of that shape that the last pass over a channel writes, and nothing reads: it may be streamed.</param>
    public static void Run(AxisView view, in TLine line, T* result)
    {
        ChannelJob<T, V, S, TLine> job = new() { _view = view, _line = line };
        long channels = view.Inner == 1 ? S.Count : 1;
        job._bundles = (view.Length + channels - 1) / channels;
        job._bundlesPerTask = Math.Max(1, TaskElements / Math.Max(1, view.Outer * view.Inner * channels));
        job._streams = view.Inner > 1 && StreamingStores.PayInRows(result, view.Outer * view.Length, view.Inner * sizeof(T), Unsafe.SizeOf<V>());
        WorkerPool.Shared.Run(checked((int)((job._bundles + job._bundlesPerTask - 1) / job._bundlesPerTask)), ref job);
    }

    public readonly void Execute(int task)
    {
        for (long bundle = task * _bundlesPerTask, end = Math.Min(_bundles, bundle + _bundlesPerTask); bundle < end; bundle++)
        {
            if (_view.Inner == 1)
            {
                long channel = bundle * S.Count;
                _line.Run(LaneWalk.Columns(_view.Outer, _view.Length, (int)Math.Min(S.Count, _view.Length - channel), S.Count), channel, channel);
            }
            else
            {
                _line.Run(LaneWalk.Row(_view.Inner, S.Count, _view.Outer, _view.Length * _view.Inner) with { Streams = _streams }, bundle * _view.Inner, bundle);
            }
        }

        if (_streams) StreamingStores.Fence();
    }
}
