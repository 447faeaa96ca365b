namespace Gradwright.Kernels;

/// <summary>What the specialisations of <c>row_norm.cu</c> differ in.</summary>
/// <param name="Entry">The kernel.</param>
/// <param name="Type">The element type.</param>
/// <param name="Grid">How work items share rows.</param>
/// <param name="Values">Elements that a lane keeps in registers; 0 for rows of any length.</param>
internal readonly record struct RowNormKey(string Entry, DType Type, LineGrid Grid, int Values);

/// <summary>Launches layer, RMS and group normalisation and their gradients.</summary>
internal static class RowNormKernel
{
    private const long FewestRows = 16, MostRows = 256;     // that one work item adds up down a column
    private const long Parts = 128;                         // that a sum down the columns is cut into, if there are enough rows

    private static readonly KernelTable<RowNormKey> _kernels = new(key => GpuSource.Real("row_norm.cu", key.Entry, key.Grid.Group, key.Type,
        [("VALUES", $"{key.Values}"), .. key.Grid.Defines]));

    /// <summary>Operands and outputs as in <see cref="RowNorm"/>.</summary>
    public static void Forward(GpuAccelerator gpu, RowNorm op, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        if (x[0].Count == 0) return;
        using Packed input = new(x[0]), scale = new(x[x.Length > 1 ? 1 : 0]), shift = new(x[x.Length > 2 ? 2 : 0]);
        NormRows rows = op.RowsOf(x[0]).Under(x.Length > 1 ? x[1] : null);
        Tensor? offsets = y.Length > 2 ? y[2] : null;
        KernelArguments arguments = new();
        arguments.Out(y[0]);
        arguments.Out(y[1]);
        arguments.Out(offsets);
        arguments.In(input.Tensor);
        arguments.In(x.Length > 1 ? scale.Tensor : null);
        arguments.In(x.Length > 2 ? shift.Tensor : null);
        arguments.Value(rows);
        arguments.Real(rows.Length, x[0].DType);
        arguments.Real(op.Epsilon, x[0].DType);
        arguments.Value(op.Centers ? 1 : 0);
        arguments.Value(x.Length - 1);
        arguments.Value(y[1] is null ? 0 : 1);
        LaunchRows(gpu, "row_norm", rows, x[0].DType, ref arguments);
    }

    /// <summary>Operands and outputs as in <see cref="RowNormGradient"/>.</summary>
    public static void Backward(GpuAccelerator gpu, RowNormGradient op, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        if (x[1].Count == 0)
        {
            for (int i = 1; i <= op.Affine; i++) y[i]!.FillInPlace(0);
            return;
        }

        bool centers = op.Norm.Centers;
        using Packed g = new(x[0]), input = new(x[1]), inverse = new(x[2]), offset = new(x[centers ? 3 : 2]), scale = new(x[^1]);
        NormRows rows = op.Norm.RowsOf(x[1]).Under(op.Affine > 0 ? x[^1] : null);
        DType type = x[1].DType;
        KernelArguments arguments = new();
        arguments.Out(y[0]);
        arguments.In(g.Tensor);
        arguments.In(input.Tensor);
        arguments.In(inverse.Tensor);
        arguments.In(centers ? offset.Tensor : null);
        arguments.In(op.Affine > 0 ? scale.Tensor : null);
        arguments.Value(rows);
        arguments.Real(rows.Length, type);
        arguments.Value(centers ? 1 : 0);
        arguments.Value(op.Affine);
        LaunchRows(gpu, "row_norm_gradient", rows, type, ref arguments);
        if (op.Affine == 0) return;

        long rowsPerPart = Math.Max(Math.Clamp(rows.Rows / Parts, FewestRows, MostRows), rows.Rows / LaunchSize.MostYZ + 1);
        long parts = rows.SumsColumns ? (rows.Rows + rowsPerPart - 1) / rowsPerPart : rows.Rows / rows.AffineRows;
        using Tensor dscale = RowNormGradient.PartsOf(y, 1, parts)!;
        using Tensor? dshift = RowNormGradient.PartsOf(y, 2, parts);
        KernelArguments sums = new();
        sums.Out(dscale);
        sums.Out(dshift);
        sums.In(g.Tensor);
        sums.In(input.Tensor);
        sums.In(inverse.Tensor);
        sums.In(centers ? offset.Tensor : null);
        sums.Value(rows);
        sums.Value(centers ? 1 : 0);
        sums.Value(op.Affine);
        if (rows.SumsColumns)
        {
            sums.Value(rowsPerPart);
            LineGrid columns = LineGrid.GroupPerLine(gpu) with { Wide = MapKernel.IsWide(gpu, x[1]) };
            gpu.Launch(_kernels[new("row_norm_columns", type, columns, 0)], new(LaunchSize.Covering(rows.Length, columns.Group).X, (int)parts), ref sums);
        }
        else
        {
            GpuLines chunks = GpuLines.Along(new((long[])[rows.Rows * rows.Chunks, rows.Inner], 1));
            LineGrid grid = LineGrid.For(gpu, chunks);
            gpu.Launch(_kernels[new("row_norm_chunks", type, grid, 0)], new(grid.Groups(chunks.Count)), ref sums);
        }

        RowNormGradient.AddParts(y[1]!, dscale);
        if (dshift is not null) RowNormGradient.AddParts(y[2]!, dshift);
    }

    private static void LaunchRows(GpuAccelerator gpu, string entry, NormRows rows, DType type, ref KernelArguments arguments)
    {
        GpuLines lines = GpuLines.Along(rows.View);
        LineGrid grid = LineGrid.For(gpu, lines);
        gpu.Launch(_kernels[new(entry, type, grid, grid.Fits(lines) ? LineGrid.LaneElements : 0)], new(grid.Groups(lines.Count)), ref arguments);
    }
}
