using System.Numerics;

namespace Gradwright.Kernels;

/// <summary>A recurrence on a GPU: per position one product and one kernel for the gates, handed over without waiting.</summary>
internal static class RecurrenceKernel<TStep> where TStep : struct, IRecurrentStep
{
    private static readonly KernelTable<(bool Forward, DType Type, int Group)> _kernels = new(key
        => new(GpuSource.File("recurrent.cu"), key.Forward ? "recurrent_step" : "recurrent_step_gradient", key.Group,
            ("REAL", GpuTypes.Number(key.Type)), ("GATES", $"{TStep.Gates}"), ("KEPT", $"{TStep.Kept}"), ("CELL", TStep.HasCell ? "1" : "0"), ("SPLIT", TStep.IsSplit ? "1" : "0"))
        {
            Functions = key.Type == DType.Float64 ? Functions<double>() : Functions<float>(),
        });

    /// <summary>Operands and results as in <see cref="Recurrence{TStep}"/>.</summary>
    public static void Forward(Recurrence<TStep> op, GpuAccelerator gpu, in RecurrentShape shape, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using Packed input = new(x[0]), lengths = new(x[op.HasLengths ? op.LengthsAt : 2]);
        Recurrence<TStep>.StartStates(x, y);
        if (op.HasLengths) LengthCheck.Launch(gpu, op.Name, lengths.Tensor, shape.Steps);
        if (shape.State == 0) return;
        using Tensor products = Tensor.Empty([shape.Rows, shape.Gates * shape.Hidden], x[0].DType, gpu);
        Tensor? kept = TStep.Kept > 0 ? y[op.OutputCount] : null, cells = TStep.HasCell ? y[op.OutputCount + 1] : null;
        Layout w = x[1].Layout;
        GpuGemmArguments product = new()
        {
            DType = x[0].DType, M = shape.Rows, N = shape.Gates * shape.Hidden, K = shape.Hidden,
            A = y[1]!.Buffer, OffsetA = y[1]!.Layout.Offset, RowA = shape.Hidden, ColA = 1,
            B = x[1].Buffer, OffsetB = w.Offset, RowB = w.Strides[1], ColB = w.Strides[0],
            C = products.Buffer, OffsetC = products.Layout.Offset, RowC = shape.Gates * shape.Hidden, ColC = 1,
        };
        if (op.HasBias) (product.Bias, product.OffsetBias, product.StepBias) = (x[op.BiasAt].Buffer, x[op.BiasAt].Layout.Offset, x[op.BiasAt].Layout.Strides[0]);
        int group = gpu.Tuning.MapGroup;
        KernelSpec kernel = _kernels[(true, x[0].DType, group)];
        for (int step = 0; step < shape.Steps; step++)
        {
            int position = shape.Position(step);
            GpuGemm.Run(gpu, product);
            KernelArguments arguments = new();
            Add(ref arguments, y[0], position, written: true);
            arguments.Out(y[1]);
            arguments.Out(TStep.HasCell ? y[2] : null);
            Add(ref arguments, kept, position, written: true);
            Add(ref arguments, cells, position, written: true);
            Add(ref arguments, input.Tensor, position, written: false);
            arguments.In(products);
            arguments.In(op.HasLengths ? lengths.Tensor : null);
            arguments.Value((long)position);
            arguments.Value((long)shape.Rows);
            arguments.Value((long)shape.Hidden);
            arguments.Value(kept is null && cells is null ? 0 : 1);
            arguments.Value(op.HasLengths ? 1 : 0);
            gpu.Launch(kernel, LaunchSize.Covering(shape.State, group), ref arguments);
        }
    }

    /// <summary>Operands and results as in <see cref="RecurrenceGradient{TStep}"/>.</summary>
    public static void Backward(GpuAccelerator gpu, in RecurrentShape shape, in RecurrenceGradient<TStep>.Operands x, ReadOnlySpan<Tensor?> y)
    {
        using Packed g = new(x.G), h0 = new(x.H0), states = new(x.Y), c0 = new(x.C0 ?? x.H0), kept = new(x.Kept ?? x.H0), cells = new(x.Cells ?? x.H0), lengths = new(x.Lengths ?? x.H0);
        RecurrenceGradient<TStep>.StartGradients(x, y);
        if (shape.State == 0) return;
        Tensor du = y[TStep.IsSplit ? y.Length - 1 : 0]!;
        Layout w = x.Weight.Layout;
        GpuGemmArguments product = new()
        {
            DType = x.G.DType, M = shape.Rows, N = shape.Hidden, K = shape.Gates * shape.Hidden,
            A = du.Buffer, RowA = shape.Gates * shape.Hidden, ColA = 1,
            B = x.Weight.Buffer, OffsetB = w.Offset, RowB = w.Strides[0], ColB = w.Strides[1],
            C = y[2]!.Buffer, OffsetC = y[2]!.Layout.Offset, RowC = shape.Hidden, ColC = 1, Accumulate = true,
        };
        int group = gpu.Tuning.MapGroup;
        KernelSpec kernel = _kernels[(false, x.G.DType, group)];
        for (int step = shape.Steps - 1; step >= 0; step--)
        {
            int position = shape.Position(step), before = shape.Before(position);
            KernelArguments arguments = new();
            Add(ref arguments, y[0], position, written: true);
            Add(ref arguments, TStep.IsSplit ? du : null, position, written: true);
            arguments.Out(y[1]);
            arguments.Out(y[2]);
            arguments.Out(TStep.HasCell ? y[3] : null);
            Add(ref arguments, g.Tensor, position, written: false);
            Add(ref arguments, states.Tensor, position, written: false);
            Add(ref arguments, states.Tensor, before, written: false);
            arguments.In(h0.Tensor);
            Add(ref arguments, x.Kept is null ? null : kept.Tensor, position, written: false);
            Add(ref arguments, x.Cells is null ? null : cells.Tensor, position, written: false);
            Add(ref arguments, x.Cells is null ? null : cells.Tensor, before, written: false);
            arguments.In(x.C0 is null ? null : c0.Tensor);
            arguments.In(x.Lengths is null ? null : lengths.Tensor);
            arguments.Value((long)position);
            arguments.Value((long)shape.Steps);
            arguments.Value((long)shape.Rows);
            arguments.Value((long)shape.Hidden);
            arguments.Value(shape.Reverse ? 1 : 0);
            arguments.Value(x.Lengths is null ? 0 : 1);
            gpu.Launch(kernel, LaunchSize.Covering(shape.State, group), ref arguments);
            product.OffsetA = du.Layout.Offset + position * shape.Products;
            GpuGemm.Run(gpu, product);
        }
    }

    /// <summary>What a row-major tensor [T, …] holds at a position; null passes no buffer.</summary>
    private static void Add(ref KernelArguments arguments, Tensor? x, int position, bool written)
        => arguments.Add(x?.Buffer, x is null ? 0 : x.Layout.Offset + position * (x.Count / x.Shape[0]), written);

    private static string Functions<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        string forward = Formula.WriteMany("forward_step", "ForwardResults", ["x0", "x1", "x2", "x3", "u0", "u1", "u2", "u3", "h", "c"], ["h", "c", "k0", "k1", "k2", "k3"], a =>
        {
            Symbol c = a[9];
            Symbol h = TStep.Forward<T, Symbol, SymbolicSimd<T>>(new(a[0], a[1], a[2], a[3]), new(a[4], a[5], a[6], a[7]), a[8], ref c, out Quad<Symbol> kept);
            return [h, c, .. Filled<T>(kept, TStep.Kept)];
        });
        string[] states = ["k0", "k1", "k2", "k3", "y", "h", "c_before", "c_after", "g", "dc"];
        string backward = Formula.WriteMany("backward_step", "BackwardResults", states, ["h", "c", "x0", "x1", "x2", "x3", "u0", "u1", "u2", "u3"], a =>
        {
            Symbol dc = a[9];
            RecurrentStates<Symbol> step = new() { Y = a[4], H = a[5], CBefore = a[6], CAfter = a[7], G = a[8] };
            Symbol h = TStep.Backward<T, Symbol, SymbolicSimd<T>>(new(a[0], a[1], a[2], a[3]), step, ref dc, out Quad<Symbol> dx, out Quad<Symbol> du);
            return [h, dc, .. Filled<T>(dx, TStep.Gates), .. Filled<T>(du, TStep.Gates)];
        });
        return forward + backward;
    }

    /// <summary>The values that there are, then zeros.</summary>
    private static Symbol[] Filled<T>(Quad<Symbol> values, int count) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Symbol[] all = [values.A, values.B, values.C, values.D];
        all.AsSpan(count).Fill(SymbolicSimd<T>.Constant(0));
        return all;
    }
}
