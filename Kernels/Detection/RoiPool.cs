using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Gradwright.Kernels;

/// <summary>
/// The largest number of each bin of regions of interest (Girshick 2015): x [N, C, H, W], boxes [R, 5] → [R, C, height, width]. A box is (image, left, top, right,
/// bottom); scaled and rounded (⌊c + ½⌋) it covers pixels left to right, both included, at least one. Bin i of P takes pixels ⌊iL/P⌋ to ⌈(i + 1)L/P⌉ − 1 of its L; a
/// bin without pixels of the image gives 0. Kept for the backward pass: where in x each maximum was (Int64, counted through), −1 for none.
/// </summary>
/// <param name="Height">Rows of bins.</param>
/// <param name="Width">Columns of bins.</param>
/// <param name="Scale">From the boxes' unit to pixels of x.</param>
public sealed record RoiPool(int Height, int Width, double Scale) : Op
{
    // Coordinates beyond are as good as this far out.
    private const double Far = 1 << 29;

    public override string Name => nameof(RoiPool);

    public override int KeptCount => 1;

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        DType dtype = Check.Floating(this, x[0]);
        Check.Rank(this, "x", x[0], 4, "[images, channels, height, width]");
        if (!(Scale > 0)) throw new ArgumentException($"{Name}: the scale is {Scale}, but must be positive.");
        Shape output = Boxes.Output(this, x[0].Shape, dtype, x[1], Height, Width);
        y[0] = new(dtype, output);
        y[1] = new(DType.Int64, output);
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using Packed image = new(x[0]), boxes = new(x[1]);
        Action action = new() { Op = this, Input = x[0].Shape, Count = (int)x[1].Shape[0], Boxes = boxes.Pointer, X = image.Pointer, Y = y[0]!.Pointer, Index = y[1]?.Pointer ?? 0 };
        ByType.Floating(this, x[0].DType, ref action);
    }

    private static readonly KernelTable<(DType DType, int Group)> _gpu = new(static key => GpuSource.Real("roi_pool.cu", "roi_pool", key.Group, key.DType));

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        Shape input = x[0].Shape;
        using Packed image = new(x[0]), boxes = new(x[1]);
        int group = gpu.Tuning.MapGroup;
        KernelArguments arguments = new();
        arguments.Out(y[0]);
        arguments.Out(y[1]);
        arguments.In(image.Tensor);
        arguments.In(boxes.Tensor);
        arguments.Value(new Sizes(this, input));
        arguments.Real(Scale, y[0]!.DType);
        arguments.Value(y[0]!.Count);
        gpu.Faults.AddTo(ref arguments, (box, named) => Kernels.Boxes.NoImage(this, box, named, input));
        gpu.Launch(_gpu[(y[0]!.DType, group)], LaunchSize.Covering(y[0]!.Count, group), ref arguments);
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Sizes(RoiPool op, Shape input)
    {
        public readonly long Images = input[0], Channels = input[1], Height = input[2], Width = input[3], Rows = op.Height, Columns = op.Width;
    }

    private unsafe struct Action : IFloatingAction
    {
        public RoiPool Op;
        public Shape Input;
        public int Count;
        public nint Boxes, X, Y, Index;

        public readonly void Run<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T>
        {
            Kernels.Boxes.CheckImages(Op, (T*)Boxes, Count, (int)Input[0], Input);
            Job<T> job = new() { P = this, Channels = (int)Input[1], Rows = (int)Input[2], Columns = (int)Input[3] };
            WindowDispatch.Share(Count, (double)Count * Input[1] * Op.Height * Op.Width * 4, ref job);
        }
    }

    private unsafe struct Job<T> : IParallelJob where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public Action P;
        public int Channels, Rows, Columns;

        [MethodImpl(HotLoop.Options)]
        public readonly void Execute(int r)
        {
            T* box = (T*)P.Boxes + 5 * (nint)r;
            int left = Rounded(box[1]), top = Rounded(box[2]), width = Math.Max(Rounded(box[3]) - left + 1, 1), height = Math.Max(Rounded(box[4]) - top + 1, 1);
            nint image = int.CreateTruncating(box[0]), y = (nint)r * Channels * P.Op.Height * P.Op.Width;
            T* to = (T*)P.Y + y;
            long* index = P.Index == 0 ? null : (long*)P.Index + y;
            for (int c = 0; c < Channels; c++)
            {
                nint plane = (image * Channels + c) * Rows * Columns;
                T* x = (T*)P.X + plane;
                for (int ph = 0; ph < P.Op.Height; ph++)
                {
                    (int low, int high) = Bin(top, height, ph, P.Op.Height, Rows);
                    for (int pw = 0; pw < P.Op.Width; pw++, to++)
                    {
                        (int first, int end) = Bin(left, width, pw, P.Op.Width, Columns);
                        nint place = -1;
                        T most = T.NegativeInfinity;
                        for (nint i = low; i < high; i++)
                        {
                            for (nint j = first; j < end; j++)
                            {
                                T v = x[i * Columns + j];
                                if (place >= 0 && !(v > most) && !T.IsNaN(v)) continue;
                                (most, place) = (v, i * Columns + j);
                            }
                        }

                        *to = place < 0 ? T.Zero : most;
                        if (index != null) *index++ = place < 0 ? -1 : plane + place;
                    }
                }
            }
        }

        private readonly int Rounded(T coordinate)
        {
            T at = T.Floor(coordinate * T.CreateChecked(P.Op.Scale) + T.CreateChecked(0.5)), far = T.CreateChecked(Far);
            return !(at > -far) ? (int)-Far : at > far ? (int)Far : int.CreateTruncating(at);
        }

        private static (int First, int End) Bin(int start, int length, int bin, int bins, int limit)
        {
            long first = start + (long)bin * length / bins, end = start + ((bin + 1L) * length + bins - 1) / bins;
            return ((int)Math.Clamp(first, 0, limit), (int)Math.Clamp(end, 0, limit));
        }
    }
}
