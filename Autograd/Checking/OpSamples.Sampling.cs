using Gradwright.Kernels;

namespace Gradwright.Checking;

public static partial class OpSamples
{
    private static void AddSampling()
    {
        Maxima([Slide(2, 2), Slide(2, 2), Slide(2, 2)], [2, 2, 4, 5, 6], "2×2×2");
        Maxima([Slide(3, 2, 1), Slide(2, 1, 1, ceil: true), Slide(3, 2, 1)], [1, 2, 5, 4, 7], "overlapping");
        Maxima([Slide(2, 1, 0, 2), Slide(2, 3, 1, 2, ceil: true)], [2, 1, 5, 19], "dilation");
        Maxima([AxisMap.Regions(3)], [2, 3, 7], "regions");
        Maxima([AxisMap.Regions(3), AxisMap.Regions(5)], [1, 2, 7, 4], "regions, overlapping");
        Maxima([AxisMap.RandomRegions(2, 3), AxisMap.RandomRegions(3, 4)], [2, 2, 6, 9], "random");
        Maxima([AxisMap.RandomRegions(2, 1), AxisMap.RandomRegions(1, 5)], [1, 2, 3, 17], "random, one region");

        Columns(new(new(3, 1, 1), new(3, 1, 1)), [2, 3, 5, 6], "3×3");
        Columns(new(new(2, 2), new(3, 2, 2, 2)), [1, 2, 7, 19], "strides and dilation");
        Columns(new(new(2, 3, 1), new(1, 4)), [2, 1, 8, 5], "gaps");

        Unpool([2, 3, 5], [11], "1D");
        Unpool([2, 2, 3, 4], [6, 7], "2D");
        Unpool([1, 2, 2, 3, 2], [3, 1, 2], "3D, with repetitions");

        Linear([Slide(2, 2), Slide(2, 2), Slide(3, 2, 1)], [2, 2, 4, 5, 6], "windows");
        Linear([Slide(3, 2, 1, ceil: true), Slide(2, 1, 1), Slide(3, 1, 1, countsPadding: false)], [1, 2, 6, 4, 19], "windows with borders");
        Linear([AxisMap.Regions(3)], [2, 3, 7], "regions");
        Linear([AxisMap.Regions(3), AxisMap.Regions(5)], [1, 2, 7, 4], "regions, overlapping");
        Linear([AxisMap.Nearest(6), AxisMap.Nearest(10)], [2, 3, 3, 5], "nearest, twice");
        Linear([AxisMap.Nearest(4), AxisMap.Nearest(7)], [1, 2, 7, 3], "nearest");
        Linear([AxisMap.Linear(6, false), AxisMap.Linear(10, false)], [2, 3, 3, 5], "linear, twice");
        Linear([AxisMap.Linear(4, false), AxisMap.Linear(1, true), AxisMap.Linear(9, true)], [1, 2, 7, 3, 4], "linear, mixed");
        Linear([AxisMap.Linear(5, true)], [2, 2, 1], "linear, from one");
        Linear([AxisMap.Linear(3, false), AxisMap.Linear(40, true)], [1, 1, 11, 19], "linear, down and up");
    }

    private static void AddDetection()
    {
        foreach (GridBorder border in Enum.GetValues<GridBorder>())
        {
            foreach (bool aligned in (bool[])[false, true])
            {
                Grid(new(true, border, aligned), [2, 2, 4, 5], [2, 3, 7, 2]);
                Grid(new(false, border, aligned), [1, 3, 3, 6], [1, 2, 9, 2]);
            }
        }

        Grid(new(true, GridBorder.Zeros, false, OrderX: 1), [1, 2, 4, 5], [1, 3, 7, 2]);
        Grid(new(true, GridBorder.Reflect, true, OrderY: 1), [1, 2, 4, 5], [1, 3, 7, 2]);
        Grid(new(true, GridBorder.Replicate, false), [1, 2, 1, 3], [1, 4, 4, 2]);

        Operand boxes = new([4, 5]) { Values = [0, 1.3, 0.4, 9.1, 7.7, 1, -3, 2.2, 5.3, 14, 0, 4, 4, 4, 4, 1, 6.6, 5.1, 30, 6.2] };
        foreach (RoiAlign op in (RoiAlign[])[new(2, 3, 0.5, 2, false), new(3, 2, 0.5, 0, true), new(2, 2, 1, 1, true)])
        {
            Sample(new OpSample(op, [new([2, 3, 6, 7]), boxes], $"{op.Samples} samples") { Constants = [1] });
            Sample(new OpSample(new RoiAlignTransposed(op, [2, 3, 6, 7]), [new([4, 3, op.Height, op.Width]), boxes], $"{op.Samples} samples") { Constants = [1] });
        }

        Sample(new OpSample(new RoiPool(2, 3, 0.5), [new([2, 3, 6, 7]), boxes]) { Constants = [1] });
        Sample(new OpSample(new RoiPool(7, 7, 1), [new([2, 1, 12, 17]), boxes], "small bins") { Constants = [1] });

        Sample(new OpSample(new SuppressOverlaps(0.3), [RandomBoxes(150)]));
        Sample(new OpSample(new SuppressOverlaps(0.1), [RandomBoxes(70), Operand.Indices([70], 3)], "classes"));
        Sample(new OpSample(new SuppressOverlaps(0.5), [RandomBoxes(1)], "one"));
    }

    /// <summary>Sampling and its transpose on a grid that reaches beyond the image.</summary>
    private static void Grid(GridSample op, Shape input, Shape grid)
    {
        string label = $"{(op.Linear ? "linear" : "nearest")}, {op.Border}{(op.AlignCorners ? ", aligned" : "")}{(op.OrderX + op.OrderY > 0 ? ", differentiated" : "")}";
        Operand places = new(grid, -1.9, 1.7);
        Sample(new OpSample(op, [new(input), places], label));
        Sample(new OpSample(new GridSampleTransposed(op, input), [new([input[0], input[1], grid[1], grid[2]]), places], label));
    }

    private static Operand RandomBoxes(int count)
    {
        Generator generator = new(9);
        double[] values = new double[4 * count];
        for (int i = 0; i < values.Length; i += 4)
        {
            (values[i], values[i + 1]) = (10 * generator.NextDouble(), 10 * generator.NextDouble());
            (values[i + 2], values[i + 3]) = (values[i] + 1 + 4 * generator.NextDouble(), values[i + 1] + 1 + 4 * generator.NextDouble());
        }

        return new([count, 4]) { Values = values };
    }

    private static AxisMap Slide(int size, int stride = 1, int padding = 0, int dilation = 1, bool ceil = false, bool countsPadding = true)
        => AxisMap.Windows(new(size, stride, padding, dilation), ceil, countsPadding);

    /// <summary>Maxima of regions, with and without their places, and the gradient; the places that it gets are the regions' first elements.</summary>
    private static void Maxima(AxisMap[] maps, Shape input, string label)
    {
        MaxRegions op = new(maps);
        SpatialPlan plan = op.PlanFor(op, input);
        bool random = maps[0].Rule == AxisRule.Random;
        Operand draws = new([input[0], input[1], maps.Length], 0, 1 << 16) { Type = DType.Int64 };
        long[] drawn = random ? [.. draws.Numbers(new Generator(3)).Select(v => (long)Math.Floor(v))] : [];
        draws = draws with { Values = [.. drawn.Select(d => (double)d)] };
        Operand index = new(plan.Output) { Type = DType.Int64, Values = [.. FirstElements(plan, drawn, maps.Length)] };
        Operand[] rest = random ? [draws] : [];
        Sample(new OpSample(op, [new(input), .. rest], label));
        Sample(new OpSample(new MaxRegionsWithIndex(op), [new(input), .. rest], label));
        Sample(new OpSample(new MaxRegionsGradient(op, input), [new(plan.Output), index, .. rest], label));
    }

    /// <summary>Columns of windows, and back.</summary>
    private static void Columns(Unfold op, Shape input, string label)
    {
        Sample(new OpSample(op, [new(input)], label));
        Sample(new OpSample(new Fold(op, input), [new(Unfold.Columns(input, op.PlaneFor(op, input)))], label));
    }

    private static void Unpool(Shape x, long[] sizes, string label)
        => Sample(new OpSample(new MaxUnpool(sizes), [new(x), Operand.Indices(x, Packing.Count(sizes))], label));

    private static IEnumerable<double> FirstElements(SpatialPlan plan, long[] draws, int axes)
    {
        for (int plane = 0; plane < plan.Planes; plane++)
        {
            long Draw(int axis) => draws.Length > 0 && axis + axes >= 3 ? draws[plane * axes + axis + axes - 3] : 0;
            for (int d = 0; d < plan.Depth.Output; d++)
            {
                for (int h = 0; h < plan.Height.Output; h++)
                {
                    long row = plan.Depth.Span(d, Draw(0)).First * plan.Height.Input + plan.Height.Span(h, Draw(1)).First;
                    for (int w = 0; w < plan.Width.Output; w++) yield return row * plan.Width.Input + plan.Width.Span(w, Draw(2)).First;
                }
            }
        }
    }

    /// <summary>A resampling and its transpose.</summary>
    private static void Linear(AxisMap[] maps, Shape input, string label)
    {
        Resample op = new(maps);
        Sample(new OpSample(op, [new(input)], label));
        Sample(new OpSample(new ResampleTransposed(op, input), [new(op.PlanFor(op, input).Output)], label));
    }
}
