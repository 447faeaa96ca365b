using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Gradwright.Kernels;

/// <summary>
/// What a sliding window reads, as columns: x [N, C, H, W] → [N, C · R · S, OH · OW], 0 where it reads the border. Row (c · R + r) · S + s holds element (r, s) of
/// the window in channel c.
/// </summary>
/// <param name="Vertical">The window along H, R elements.</param>
/// <param name="Horizontal">The window along W, S elements.</param>
public sealed record Unfold(Window Vertical, Window Horizontal) : Op
{
    public override string Name => nameof(Unfold);

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        DType dtype = Check.Floating(this, x[0]);
        Check.Rank(this, "x", x[0], 4, "[images, channels, height, width]");
        y[0] = new(dtype, Columns(x[0].Shape, PlaneFor(this, x[0].Shape)));
    }

    internal WindowPlane PlaneFor(Op op, Shape input)
        => new(Vertical, Horizontal, input[2], input[3], Vertical.Positions(op, "height", input[2]), Horizontal.Positions(op, "width", input[3]));

    /// <summary>The shape of the columns.</summary>
    internal static Shape Columns(Shape input, in WindowPlane w) => Shape.Create(input[0], input[1] * w.Vertical.Size * w.Horizontal.Size, w.OutputPixels);

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => RunCpu<UnfoldPass.Gather>(x[0].Shape, PlaneFor(this, x[0].Shape), x[0], y[0]!);

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        WindowPlane w = PlaneFor(this, x[0].Shape);
        long lines = x[0].Shape[0] * x[0].Shape[1] * w.Vertical.Size * w.Horizontal.Size;
        int group = gpu.Tuning.MapGroup;
        RunGpu(gpu, "image_to_columns", x[0].Shape, w, x[0], y[0]!, new(lines * ((w.OutputPixels + group - 1) / group)));
    }

    internal static void RunCpu<TMove>(Shape input, in WindowPlane w, Tensor from, Tensor to) where TMove : struct, UnfoldPass.IMove
    {
        using Packed packed = new(from);
        UnfoldArguments p = new() { Plane = w, Planes = checked((int)(input[0] * input[1])), From = packed.Pointer, To = to.Pointer };
        WindowDispatch.Run<UnfoldPass.Over<TMove>, UnfoldArguments>(from.DType, ref p);
    }

    private static readonly KernelTable<(string Entry, DType DType, int Group)> _gpu = new(static key => GpuSource.Real("im2col.cu", key.Entry, key.Group, key.DType));

    /// <summary>The kernels of convolutions, which see all channels of all images as those of one.</summary>
    internal static void RunGpu(GpuAccelerator gpu, string entry, Shape input, in WindowPlane w, Tensor from, Tensor to, LaunchSize size)
    {
        using Packed packed = new(from);
        KernelArguments arguments = new();
        arguments.Out(to);
        arguments.In(packed.Tensor);
        arguments.Value(new Sizes(w, input[0] * input[1]));
        gpu.Launch(_gpu[(entry, to.DType, gpu.Tuning.MapGroup)], size, ref arguments);
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Sizes(in WindowPlane plane, long channels)
    {
        public readonly long Images = 1, Channels = channels;
        public readonly GpuWindows Windows = new(plane);
    }
}

/// <summary>The transpose of <see cref="Kernels.Unfold"/>: columns [N, C · R · S, OH · OW] → [N, C, H, W]; what windows share adds up.</summary>
/// <param name="Unfold">The windows.</param>
/// <param name="Input">[N, C, H, W].</param>
public sealed record Fold(Unfold Unfold, Shape Input) : Op
{
    public override string Name => nameof(Fold);

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        DType dtype = Check.Floating(this, x[0]);
        WindowPlane w = Unfold.PlaneFor(this, Input);
        Shape columns = Unfold.Columns(Input, w);
        if (x[0].Shape != columns)
            throw new ShapeException($"{Name}: {Input} has {w.OutputHeight} · {w.OutputWidth} windows of {w.Vertical.Size} · {w.Horizontal.Size} elements per channel, "
                + $"so the columns must be {columns}, not {x[0].Shape}.");
        y[0] = new(dtype, Input);
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => Unfold.RunCpu<UnfoldPass.Scatter>(Input, Unfold.PlaneFor(this, Input), x[0], y[0]!);

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
        => Unfold.RunGpu(gpu, "columns_to_image", Input, Unfold.PlaneFor(this, Input), x[0], y[0]!, LaunchSize.Covering(y[0]!.Count, gpu.Tuning.MapGroup));
}

internal struct UnfoldArguments
{
    public WindowPlane Plane;
    public int Planes;
    public nint From, To;
}

/// <summary>Between planes and columns, by way of the plane with its border, whose rows are cut into the stride's phases: both sides are then runs of elements.</summary>
internal static unsafe class UnfoldPass
{
    /// <summary>One direction.</summary>
    internal interface IMove
    {
        static abstract void Run<T, V, S>(in WindowPlane w, T* from, T* to, T* plane)
            where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>;
    }

    internal readonly struct Gather : IMove
    {
        [MethodImpl(HotLoop.Options)]
        public static void Run<T, V, S>(in WindowPlane w, T* from, T* to, T* plane)
            where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        {
            PlaneCopy<T, V, S>.Load(w, from, 0, w.RowsFor(w.OutputHeight), plane, T.Zero);
            nuint bytes = (nuint)(w.OutputWidth * sizeof(T));
            for (int r = 0; r < w.Vertical.Size; r++)
            {
                for (int s = 0; s < w.Horizontal.Size; s++)
                {
                    T* x = plane + w.Tap(r, s);
                    for (int i = 0; i < w.OutputHeight; i++, x += w.OutputStep, to += w.OutputWidth) Buffer.MemoryCopy(x, to, bytes, bytes);
                }
            }
        }
    }

    internal readonly struct Scatter : IMove
    {
        [MethodImpl(HotLoop.Options)]
        public static void Run<T, V, S>(in WindowPlane w, T* from, T* to, T* plane)
            where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        {
            int rows = w.RowsFor(w.OutputHeight), whole = w.OutputWidth - w.OutputWidth % S.Count, rest = w.OutputWidth - whole;
            NativeMemory.Clear(plane, (nuint)rows * (nuint)w.RowLength * (nuint)sizeof(T));
            for (int r = 0; r < w.Vertical.Size; r++)
            {
                for (int s = 0; s < w.Horizontal.Size; s++)
                {
                    T* x = plane + w.Tap(r, s);
                    for (int i = 0; i < w.OutputHeight; i++, x += w.OutputStep, from += w.OutputWidth)
                    {
                        for (int j = 0; j < whole; j += S.Count) S.Store(x + j, S.Add(S.Load(x + j), S.Load(from + j)));
                        if (rest != 0) S.StorePart(x + whole, rest, S.Add(S.LoadPart(x + whole, rest), S.LoadPart(from + whole, rest)));
                    }
                }
            }

            PlaneCopy<T, V, S>.Store(w, plane, rows, to);
        }
    }

    internal readonly struct Over<TMove> : IWindowPass<UnfoldArguments> where TMove : struct, IMove
    {
        public static void Run<T, V, S>(ref UnfoldArguments p) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        {
            Job<TMove, T, V, S> job = new() { P = p };
            nint columns = (nint)p.Plane.OutputPixels * p.Plane.Vertical.Size * p.Plane.Horizontal.Size;
            WindowDispatch.Share(p.Planes, (double)p.Planes * columns, ref job);
        }
    }

    private struct Job<TMove, T, V, S> : IParallelJob
        where TMove : struct, IMove where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        public UnfoldArguments P;

        public readonly void Execute(int task)
        {
            WindowPlane w = P.Plane;
            nint image = w.ImagePixels, columns = (nint)w.OutputPixels * w.Vertical.Size * w.Horizontal.Size;
            (nint from, nint to) = typeof(TMove) == typeof(Gather) ? (image, columns) : (columns, image);
            T* plane = (T*)WindowWorkspace.Rent(((nint)w.RowsFor(w.OutputHeight) * w.RowLength + S.Count) * sizeof(T));
            TMove.Run<T, V, S>(w, (T*)P.From + task * from, (T*)P.To + task * to, plane);
        }
    }
}
