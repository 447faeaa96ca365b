using System.Numerics;

namespace Gradwright.Kernels;

/// <summary>What the specialisations of <c>reduce.cu</c> differ in, besides the fold.</summary>
/// <param name="Type">The elements.</param>
/// <param name="Result">The results.</param>
/// <param name="Grid">How work items share lines.</param>
/// <param name="Passes">1 the first, 2 the second, 3 both.</param>
/// <param name="Parts">Combines the totals of parts, instead of folding elements.</param>
internal readonly record struct ReduceKey(DType Type, DType Result, LineGrid Grid, int Passes, bool Parts)
{
    public KernelSpec Spec(string total, string element, bool twoPasses, string functions) => new(GpuSource.File("reduce.cu"), Parts ? "reduce_parts" : "reduce_lines", Grid.Group,
    [
        .. total == "i64" ? [] : ((string, string)[])[("REAL", total)],
        ("TX", GpuTypes.Number(Type)), ("TOTAL", total), ("TY", GpuTypes.Number(Result)), ("ELEMENT(x)", element),
        ("TWO_PASSES", twoPasses ? "1" : "0"), ("PASSES", $"{Passes}"), .. Grid.Defines,
    ])
    { Functions = functions };
}

/// <summary>The GPU's specialisations of a fold of real numbers.</summary>
internal static class ReduceKernels<TReduction> where TReduction : struct, IReduction
{
    public static readonly KernelTable<ReduceKey> Table = new(key => key.Spec(GpuTypes.Number(key.Type), "(x)", TReduction.TwoPasses,
        key.Type == DType.Float64 ? Functions<double>() : Functions<float>()));

    private static string Functions<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        string text = Pass<T>(1, second: false);
        if (TReduction.TwoPasses)
            text += Pass<T>(2, second: true) + Formula.Write("center_of", ["total", "count"], a => TReduction.Center<T, Symbol, SymbolicSimd<T>>(a[0], a[1]));
        return text + Formula.Write("finish", ["total", "center", "count", "parameter"], a => TReduction.Finish<T, Symbol, SymbolicSimd<T>>(a[0], a[1], a[2], a[3]));
    }

    private static string Pass<T>(int number, bool second) where T : unmanaged, IBinaryFloatingPointIeee754<T>
        => Formula.Write($"neutral_{number}", [], _ => TReduction.Neutral<T, Symbol, SymbolicSimd<T>>(second))
            + Formula.Write($"step_{number}", ["total", "x", "center"], a => TReduction.Step<T, Symbol, SymbolicSimd<T>>(a[0], a[1], a[2], second))
            + Formula.Write($"combine_{number}", ["a", "b"], a => TReduction.Combine<T, Symbol, SymbolicSimd<T>>(a[0], a[1], second));
}

/// <summary>The GPU's specialisations of a fold of whole numbers and truth values; a floating-point number counts as 0 or, if it is not 0, as 1.</summary>
internal static class FoldKernels<TFold> where TFold : struct, IIntegerFold
{
    public static readonly KernelTable<ReduceKey> Table = new(key => key.Spec("i64", key.Type.IsFloating ? "((i64)((x) != 0))" : "((i64)(x))", false,
        $$"""
        DEVICE i64 neutral_1() { return {{(TFold.IntegerNeutral == long.MinValue ? "(i64)((u64)1 << 63)" : $"(i64){TFold.IntegerNeutral}")}}; }
        DEVICE i64 step_1(i64 total, i64 x, i64 center) { return {{TFold.IntegerSource}}; }
        DEVICE i64 combine_1(i64 total, i64 x) { return {{TFold.IntegerCombineSource}}; }
        DEVICE i64 finish(i64 total, i64 center, i64 count, i64 parameter) { return total; }

        """));
}

/// <summary>Launches the kernels behind every reduction, for any axes and layout.</summary>
internal static class ReduceKernel
{
    /// <summary>One result per kept element of <paramref name="x"/>.</summary>
    /// <param name="gpu">Where.</param>
    /// <param name="x">Float32 or Float64, of any layout.</param>
    /// <param name="axes">The reduced dimensions, as a bit set.</param>
    /// <param name="y">Receives the results, row-major.</param>
    /// <param name="center">Receives the centres of a reduction in two passes, row-major, if they are wanted.</param>
    /// <param name="parameter">What the reduction's formula takes besides.</param>
    public static void Run<TReduction>(GpuAccelerator gpu, Tensor x, uint axes, Tensor y, Tensor? center = null, double parameter = 0) where TReduction : struct, IReduction
        => Run(gpu, ReduceKernels<TReduction>.Table, TReduction.TwoPasses, x, axes, y, center, parameter);

    /// <summary>The same for whole numbers and truth values.</summary>
    public static void Fold<TFold>(Op op, GpuAccelerator gpu, Tensor x, uint axes, Tensor y) where TFold : struct, IIntegerFold
    {
        ByType.RequireNumber(op, x.DType);
        Run(gpu, FoldKernels<TFold>.Table, false, x, axes, y, null, 0);
    }

    private static void Run(GpuAccelerator gpu, KernelTable<ReduceKey> kernels, bool twoPasses, Tensor x, uint axes, Tensor y, Tensor? center, double parameter)
    {
        bool planned = GpuLines.TryCreate(x.Layout, axes, out GpuLines lines);
        using Tensor? moved = planned ? null : LinesLast(x, axes);
        if (moved is not null) GpuLines.TryCreate(moved.Layout, axes = LastAxes(x.Rank, axes), out lines);
        if (lines.Count == 0) return;
        LineGrid grid = LineGrid.For(gpu, lines);
        (int parts, long length) = grid.Cut(gpu, lines);
        Reduction r = new() { Gpu = gpu, Kernels = kernels, X = moved ?? x, Y = y, Center = center, Lines = lines, Grid = grid, Parts = parts, PartLength = length, Parameter = parameter };
        if (parts == 1)
        {
            r.FoldLines(twoPasses ? 3 : 1, null);
            return;
        }

        DType total = y.DType.IsFloating ? y.DType : DType.Int64;
        using Tensor partials = Tensor.Empty([lines.Count, parts], total, gpu);
        using Tensor? centers = twoPasses && center is null ? Tensor.Empty([lines.Count], total, gpu) : null;
        r.Center = center ?? centers;
        for (int pass = 1; pass <= (twoPasses ? 2 : 1); pass++)
        {
            r.FoldLines(pass, partials);
            r.CombineParts(pass, partials);
        }
    }

    /// <summary>A row-major copy whose last dimensions are the reduced ones.</summary>
    private static Tensor LinesLast(Tensor x, uint axes)
    {
        IEnumerable<int> all = Enumerable.Range(0, x.Rank);
        using Tensor view = new Permute([.. all.Where(d => (axes >> d & 1) == 0), .. all.Where(d => (axes >> d & 1) != 0)]).Execute(x);
        return new Copy().Execute(view);
    }

    private static uint LastAxes(int rank, uint axes)
    {
        int n = BitOperations.PopCount(axes);
        return ((1u << n) - 1) << (rank - n);
    }

    private ref struct Reduction
    {
        public GpuAccelerator Gpu;
        public KernelTable<ReduceKey> Kernels;
        public Tensor X, Y;
        public Tensor? Center;
        public GpuLines Lines;
        public LineGrid Grid;
        public int Parts;
        public long PartLength;
        public double Parameter;

        public readonly void FoldLines(int passes, Tensor? partials)
        {
            KernelArguments arguments = new();
            arguments.Out(Y);
            arguments.Out(Center);
            arguments.Out(partials);
            arguments.In(X);
            arguments.Value(Lines);
            arguments.Value(PartLength);
            arguments.Value(Parts);
            arguments.Value(Center is null ? 0 : 1);
            AddNumbers(ref arguments);
            Gpu.Launch(Kernels[new(X.DType, Y.DType, Grid, passes, false)], new(Grid.Groups(Lines.Count), Parts), ref arguments);
        }

        public readonly void CombineParts(int pass, Tensor partials)
        {
            KernelArguments arguments = new();
            arguments.Out(Y);
            arguments.Out(Center);
            arguments.In(partials);
            arguments.Value(Parts);
            AddNumbers(ref arguments);
            Gpu.Launch(Kernels[new(X.DType, Y.DType, LineGrid.GroupPerLine(Gpu), pass, true)], new(Lines.Count), ref arguments);
        }

        private readonly void AddNumbers(ref KernelArguments arguments)
        {
            if (!Y.DType.IsFloating)
            {
                arguments.Value(Lines.Length);
                arguments.Value(0L);
                return;
            }

            arguments.Real(Lines.Length, Y.DType);
            arguments.Real(Parameter, Y.DType);
        }
    }
}
