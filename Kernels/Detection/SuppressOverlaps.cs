using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// Which boxes stay when each one that overlaps an earlier one that stays is dropped: boxes [n, 4] in order of importance, each (left, top, right, bottom), and
/// optionally classes (Int64, [n]), which do not see each other → Bool [n]. Two boxes overlap if their intersection exceeds Threshold times their union.
/// </summary>
/// <param name="Threshold">0 to 1.</param>
public sealed record SuppressOverlaps(double Threshold) : Op
{
    // Bits of a word of the kernels.
    private const int WordBits = 32;

    public override string Name => nameof(SuppressOverlaps);

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        Check.Floating(this, x[0]);
        if (x[0].Rank != 2 || x[0].Shape[1] != 4) throw new ShapeException($"{Name}: boxes {x[0].Shape} must be [boxes, 4]: left, top, right, bottom.");
        if (!(Threshold is >= 0 and <= 1)) throw new ArgumentException($"{Name}: the threshold is {Threshold}, but intersection over union lies between 0 and 1.");
        Shape output = [x[0].Shape[0]];
        if (x.Length > 1)
        {
            Check.Type(this, "classes", x[1], DType.Int64);
            if (x[1].Shape != output) throw new ShapeException($"{Name}: classes {x[1].Shape} must be {output}: one per box.");
        }

        y[0] = new(DType.Bool, output);
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using Packed boxes = new(x[0]), classes = new(x[^1], x.Length == 1 || x[^1].Layout.IsContiguous);
        Action action = new() { Count = (int)x[0].Shape[0], Threshold = Threshold, Boxes = boxes.Pointer, Classes = x.Length > 1 ? classes.Pointer : 0, Stays = y[0]!.Pointer };
        ByType.Floating(this, x[0].DType, ref action);
    }

    private static readonly KernelTable<(string Entry, DType DType, int Group)> _gpu = new(static key => GpuSource.Real("suppress.cu", key.Entry, key.Group, key.DType));

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        long count = x[0].Shape[0], words = (count + WordBits - 1) / WordBits;
        if (count == 0) return;
        using Packed boxes = new(x[0]), classes = new(x[^1], x.Length == 1 || x[^1].Layout.IsContiguous);
        using Tensor overlaps = Tensor.Empty([count, words], DType.Int32, gpu), dropped = Tensor.Zeros([words], DType.Int32, gpu);
        KernelArguments find = new();
        find.Out(overlaps);
        find.In(boxes.Tensor);
        find.In(x.Length > 1 ? classes.Tensor : null);
        find.Value(count);
        find.Value(words);
        find.Real(Threshold, x[0].DType);
        gpu.Launch(_gpu[("suppress_find", x[0].DType, gpu.Tuning.MapGroup)], LaunchSize.Covering(count * words, gpu.Tuning.MapGroup), ref find);

        KernelArguments sweep = new();
        sweep.Out(y[0]);
        sweep.Out(dropped);
        sweep.In(overlaps);
        sweep.Value(count);
        sweep.Value(words);
        gpu.Launch(_gpu[("suppress_sweep", x[0].DType, gpu.Tuning.RowGroup)], new(1), ref sweep);
    }

    private unsafe struct Action : IFloatingAction
    {
        public int Count;
        public double Threshold;
        public nint Boxes, Classes, Stays;

        [MethodImpl(HotLoop.Options)]
        public readonly void Run<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T>
        {
            T threshold = T.CreateChecked(Threshold);
            T* boxes = (T*)Boxes;
            long* classes = (long*)Classes;
            byte* stays = (byte*)Stays;
            new Span<byte>(stays, Count).Fill(1);
            for (int i = 0; i < Count; i++)
            {
                if (stays[i] == 0) continue;
                T* a = boxes + 4 * (nint)i;
                T area = (a[2] - a[0]) * (a[3] - a[1]);
                for (int j = i + 1; j < Count; j++)
                {
                    if (stays[j] == 0 || (classes != null && classes[i] != classes[j])) continue;
                    T* b = boxes + 4 * (nint)j;
                    T width = T.MinNumber(a[2], b[2]) - T.MaxNumber(a[0], b[0]), height = T.MinNumber(a[3], b[3]) - T.MaxNumber(a[1], b[1]);
                    if (!(width > T.Zero) || !(height > T.Zero)) continue;
                    T both = width * height;
                    if (both > threshold * (area + (b[2] - b[0]) * (b[3] - b[1]) - both)) stays[j] = 0;
                }
            }
        }
    }
}
