using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>The gradient of <see cref="EdgePad"/>: each element gets what arrived at all places that show it.</summary>
/// <param name="Forward">The border.</param>
/// <param name="Input">The shape without it.</param>
public sealed record EdgePadGradient(EdgePad Forward, Shape Input) : Op
{
    public override string Name => nameof(EdgePadGradient);

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        Check.Floating(this, x[0]);
        Shape padded = Forward.PaddedShape(this, Input);
        if (x[0].Shape != padded) throw new ShapeException($"{Name}: the gradient {x[0].Shape} does not belong to {Input} with its border, which is {padded}.");
        y[0] = new(x[0].DType, Input);
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        if (y[0]!.Count == 0) return;
        using Packed gradient = new(x[0]);
        Arguments p = new() { Axes = new(Forward, Input), G = gradient.Pointer, Dx = y[0]!.Pointer };
        WindowDispatch.Run<Pass, Arguments>(x[0].DType, ref p);
    }

    private static readonly KernelTable<(DType DType, int Group)> _gpu = new(static key => GpuSource.Real("edge_pad_gradient.cu", "edge_pad_gradient", key.Group, key.DType));

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        if (y[0]!.Count == 0) return;
        using Packed gradient = new(x[0]);
        int group = gpu.Tuning.MapGroup;
        KernelArguments arguments = new();
        arguments.Out(y[0]);
        arguments.In(gradient.Tensor);
        arguments.Value(new EdgeAxes(Forward, Input));
        gpu.Launch(_gpu[(x[0].DType, group)], LaunchSize.Covering(y[0]!.Count, group), ref arguments);
    }

    private struct Arguments
    {
        public EdgeAxes Axes;
        public nint G, Dx;
    }

    private unsafe struct Pass : IWindowPass<Arguments>
    {
        public static void Run<T, V, S>(ref Arguments p) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        {
            Job<T, V, S> job = new() { Operands = p, Rows = p.Axes.Planes * p.Axes.Depth.Length * p.Axes.Height.Length };
            job.RowsPerTask = Math.Max(1, 16384 / p.Axes.Width.Padded);
            WindowDispatch.Share((job.Rows + job.RowsPerTask - 1) / job.RowsPerTask, job.Rows * (double)p.Axes.Width.Padded, ref job);
        }
    }

    private unsafe struct Job<T, V, S> : IParallelJob where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        public Arguments Operands;
        public long Rows, RowsPerTask;

        public readonly void Execute(int task)
        {
            EdgeAxes p = Operands.Axes;
            bool reflects = p.Reflects != 0;
            for (long row = task * RowsPerTask, end = Math.Min(Rows, row + RowsPerTask); row < end; row++)
            {
                long plane = row / p.Height.Length, i = row % p.Height.Length, volume = plane / p.Depth.Length, d = plane % p.Depth.Length;
                T* dx = (T*)Operands.Dx + row * p.Width.Length;
                PlaneCopy<T, V, S>.Fill(dx, checked((int)p.Width.Length), S.Constant(0));
                for (long a = 0; a < p.Depth.Places(d, reflects); a++)
                {
                    long t = p.Depth.Place(a, d, reflects);
                    for (long b = 0; b < p.Height.Places(i, reflects) && t >= 0; b++)
                    {
                        long u = p.Height.Place(b, i, reflects);
                        if (u >= 0) AddRow(dx, (T*)Operands.G + ((volume * p.Depth.Padded + t) * p.Height.Padded + u) * p.Width.Padded, p.Width, reflects);
                    }
                }
            }
        }

        [MethodImpl(HotLoop.Options)]
        private static void AddRow(T* dx, T* g, EdgeAxis w, bool reflects)
        {
            long n = w.Length, i = 0;
            T* inner = g + w.Before;
            for (; i <= n - S.Count; i += S.Count) S.Store(dx + i, S.Add(S.Load(dx + i), S.Load(inner + i)));
            for (; i < n; i++) dx[i] += inner[i];
            for (long j = 0; j < w.Before; j++) dx[w.Source(j, reflects)] += g[j];
            for (long j = w.Before + n; j < w.Padded; j++) dx[w.Source(j, reflects)] += g[j];
        }
    }
}
