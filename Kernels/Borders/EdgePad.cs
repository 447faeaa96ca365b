using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// A border around the last (up to three) dimensions that is made of the tensor's own elements: mirrored at the first and the last one, c b | a b c | b a, or these
/// repeated, a a | a b c | c c.
/// </summary>
/// <param name="Depth">Around the third dimension from the end; none where there are fewer.</param>
/// <param name="Height">Around the second dimension from the end.</param>
/// <param name="Width">Around the last dimension.</param>
/// <param name="Reflects">Mirrored, or repeated.</param>
public sealed record EdgePad(Border Depth, Border Height, Border Width, bool Reflects) : Op
{
    private const long BytesPerTask = 128 << 10;

    public override string Name => nameof(EdgePad);

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y) => y[0] = new(x[0].DType, PaddedShape(this, x[0].Shape));

    protected override unsafe void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        if (y[0]!.Count == 0) return;
        using Packed packed = new(x[0]);
        EdgeAxes axes = new(this, x[0].Shape);
        Action action = new() { X = packed.Pointer, Y = y[0]!.Pointer, Axes = axes, RowsPerTask = Math.Max(1, BytesPerTask / (axes.Width.Padded * x[0].DType.Size)) };
        ByType.Bits(x[0].DType, ref action);
    }

    private static readonly KernelTable<(int Size, int Group)> _gpu = new(static key => new(GpuSource.File("edge_pad.cu"), "edge_pad", key.Group, ("T", GpuTypes.Bits(key.Size))));

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        if (y[0]!.Count == 0) return;
        using Packed packed = new(x[0]);
        int group = gpu.Tuning.MapGroup;
        KernelArguments arguments = new();
        arguments.Out(y[0]);
        arguments.In(packed.Tensor);
        arguments.Value(new EdgeAxes(this, x[0].Shape));
        gpu.Launch(_gpu[(x[0].DType.Size, group)], LaunchSize.Covering(y[0]!.Count, group), ref arguments);
    }

    /// <summary>The shape with its border.</summary>
    /// <param name="op">Whom errors name.</param>
    /// <param name="x">The shape without.</param>
    internal Shape PaddedShape(Op op, Shape x)
    {
        ReadOnlySpan<Border> borders = [Depth, Height, Width];
        long[] lengths = x.Span.ToArray();
        for (int i = 0; i < 3; i++)
        {
            Border border = borders[i];
            int axis = lengths.Length - 3 + i;
            if (border == default) continue;
            long n = axis >= 0 ? lengths[axis] : 0, most = Reflects ? n - 1 : long.MaxValue;
            if (axis < 0 || border.Before < 0 || border.After < 0 || border.Before > most || border.After > most || n == 0)
            {
                throw new ShapeException($"{op.Name}: a border of {border.Before} and {border.After} does not fit dimension {axis} of {x} in mode {(Reflects ? "Reflect" : "Replicate")}: it must be 0 or more"
                    + (Reflects ? $", and at most {Math.Max(n - 1, 0)}, since what is mirrored has to be there." : ", and there must be an element to repeat."));
            }

            lengths[axis] += border.Total;
        }

        return Shape.Create(lengths);
    }

    private struct Action : IBitsAction
    {
        public nint X, Y;
        public EdgeAxes Axes;
        public long RowsPerTask;

        public readonly unsafe void Run<T>() where T : unmanaged, IEquatable<T>
        {
            Job<T> job = new() { X = (T*)X, Y = (T*)Y, Axes = Axes, RowsPerTask = RowsPerTask };
            long rows = Axes.Planes * Axes.Depth.Padded * Axes.Height.Padded;
            WorkerPool.Shared.Run(checked((int)((rows + RowsPerTask - 1) / RowsPerTask)), ref job);
        }
    }

    private unsafe struct Job<T> : IParallelJob where T : unmanaged
    {
        public T* X, Y;
        public EdgeAxes Axes;
        public long RowsPerTask;

        [MethodImpl(HotLoop.Options)]
        public readonly void Execute(int task)
        {
            EdgeAxes p = Axes;
            bool reflects = p.Reflects != 0;
            long rows = p.Planes * p.Depth.Padded * p.Height.Padded, width = p.Width.Length;
            for (long row = task * RowsPerTask, end = Math.Min(rows, row + RowsPerTask); row < end; row++)
            {
                long plane = row / p.Height.Padded, i = p.Height.Source(row % p.Height.Padded, reflects), d = p.Depth.Source(plane % p.Depth.Padded, reflects);
                T* x = X + ((plane / p.Depth.Padded * p.Depth.Length + d) * p.Height.Length + i) * width, y = Y + row * p.Width.Padded;
                for (long j = 0; j < p.Width.Before; j++) y[j] = x[p.Width.Source(j, reflects)];
                Buffer.MemoryCopy(x, y + p.Width.Before, width * sizeof(T), width * sizeof(T));
                for (long j = p.Width.Before + width; j < p.Width.Padded; j++) y[j] = x[p.Width.Source(j, reflects)];
            }
        }
    }
}
