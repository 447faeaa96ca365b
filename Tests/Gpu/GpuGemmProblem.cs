using System.Numerics;
using Gradwright.Kernels;
using NUnit.Framework;

namespace Gradwright.Tests.Gpu;

/// <summary>How a matrix lies in memory.</summary>
public enum MatrixLayout
{
    Rows,
    Columns,
    GappedRows,
    GappedColumns,
    Backwards,
    OneRow,
    OneColumn,
    OddRows,
}

/// <summary>A matrix product that runs on a GPU and is compared, element by element and with all that lies around C, with the product on the CPU.</summary>
internal sealed record GpuGemmProblem(long M, long N, long K)
{
    private const int Guard = 40;

    public MatrixLayout A, B, C;
    public bool RepeatA, RepeatB, Bias, BiasPerRow, Accumulate;
    public long Batch = 1, Outer = 1, Start, StepBias = 1;
    public Activation Activation;

    public override string ToString()
        => $"{A} [{M}, {K}] · {B} [{K}, {N}] → {C}, {Batch} times {Outer}{(RepeatA ? ", one A" : "")}{(RepeatB ? ", one B" : "")}, from {Start}"
            + $"{(Bias ? $", bias per {(BiasPerRow ? "row" : "column")} step {StepBias}" : "")}{(Accumulate ? ", accumulate" : "")}, {Activation}";

    /// <summary>Runs and compares; returns C's memory.</summary>
    public unsafe T[] Check<T>(GpuAccelerator gpu, TuningTable? tuning = null) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Random random = new((int)(M * 31 + N * 17 + K));
        Place a = Place.Of(A, M, K, Start, RepeatA, Batch), b = Place.Of(B, K, N, Start, RepeatB, Batch), c = Place.Of(C, M, N, Guard + Start, false, Batch);
        T[] valuesA = Numbers<T>(random, a.Length(Outer)), valuesB = Numbers<T>(random, b.Length(Outer)), valuesC = Numbers<T>(random, c.Length(Outer) + Guard);
        long biases = BiasPerRow ? M : N;
        T[] bias = Numbers<T>(random, biases * StepBias + 1);

        using Tensor ta = Tensor.From(valuesA, [valuesA.Length], gpu), tb = Tensor.From(valuesB, [valuesB.Length], gpu);
        using Tensor tc = Tensor.From(valuesC, [valuesC.Length], gpu), tBias = Tensor.From(bias, [bias.Length], gpu);
        GpuGemmArguments arguments = new()
        {
            DType = ta.DType, M = M, N = N, K = K, Batch = Batch, Outer = Outer,
            A = ta.Buffer, OffsetA = a.Offset, RowA = a.Row, ColA = a.Column, StepA = a.Step, OuterA = a.Outer,
            B = tb.Buffer, OffsetB = b.Offset, RowB = b.Row, ColB = b.Column, StepB = b.Step, OuterB = b.Outer,
            C = tc.Buffer, OffsetC = c.Offset, RowC = c.Row, ColC = c.Column, StepC = c.Step, OuterC = c.Outer,
            Bias = Bias ? tBias.Buffer : null, OffsetBias = 1, BiasPerRow = BiasPerRow, StepBias = StepBias,
            Accumulate = Accumulate, Activation = Activation,
        };
        GpuGemm.Run(gpu, tuning ?? gpu.Tuning, arguments);
        T[] actual = tc.ToArray<T>();

        T[] expected = [.. valuesC], packedBias = [.. Enumerable.Range(0, (int)biases).Select(i => bias[1 + i * StepBias])], product = new T[M * N];
        bool[] written = new bool[expected.Length];
        double largest = 0;
        for (long entry = 0; entry < Batch * Outer; entry++)
        {
            long above = entry / Batch, within = entry % Batch, atC = c.Offset + above * c.Outer + within * c.Step;
            for (long i = 0; i < M * N; i++) product[i] = valuesC[atC + i / N * c.Row + i % N * c.Column];
            fixed (T* pa = valuesA, pb = valuesB, pc = product, pBias = packedBias)
            {
                Gemm.Run(new GemmArguments<T>
                {
                    M = (int)M, N = (int)N, K = (int)K, Accumulate = Accumulate, Activation = Activation,
                    A = pa + a.Offset + above * a.Outer + within * a.Step, RowA = (nint)a.Row, ColA = (nint)a.Column,
                    B = pb + b.Offset + above * b.Outer + within * b.Step, RowB = (nint)b.Row, ColB = (nint)b.Column,
                    C = pc, RowC = (nint)N, ColC = 1,
                    Bias = Bias && !BiasPerRow ? pBias : null, RowBias = Bias && BiasPerRow ? pBias : null,
                });
            }

            for (long i = 0; i < M * N; i++)
            {
                long at = atC + i / N * c.Row + i % N * c.Column;
                (expected[at], written[at]) = (product[i], true);
                largest = Math.Max(largest, Math.Abs(double.CreateChecked(product[i])));
            }
        }

        double allowed = (typeof(T) == typeof(float) ? 1e-5 : 1e-12) * largest;
        for (int i = 0; i < actual.Length; i++)
        {
            double difference = Math.Abs(double.CreateChecked(actual[i]) - double.CreateChecked(expected[i]));
            if (!(difference <= (written[i] ? allowed : 0)))
                Assert.Fail($"{this} ({ta.DType}, {gpu.Name}): element {i} of C's memory is {actual[i]} instead of {expected[i]} (largest {largest:G3}).");
        }

        return actual;
    }

    /// <summary>From −½ to 1: of either sign, but so that a sum does not cancel altogether, where only its rounding would be left to compare.</summary>
    private static T[] Numbers<T>(Random random, long length) where T : unmanaged, INumber<T>
    {
        T[] values = new T[length];
        for (int i = 0; i < values.Length; i++) values[i] = T.CreateTruncating(random.NextDouble() * 1.5 - 0.5);
        return values;
    }

    /// <summary>Where a batch of matrices lies.</summary>
    private readonly record struct Place(long Offset, long Row, long Column, long Step, long Outer, long Size)
    {
        public long Length(long outer) => Math.Max(1, Offset + Math.Max(Size, Outer * outer)) + Guard;

        public static Place Of(MatrixLayout layout, long rows, long columns, long start, bool repeat, long batch)
        {
            (long offset, long row, long column, long size) = layout switch
            {
                MatrixLayout.Rows => (0, columns, 1, rows * columns),
                MatrixLayout.Columns => (0, 1, rows, rows * columns),
                MatrixLayout.GappedRows => (0, 2 * columns + 3, 2, rows * (2 * columns + 3)),
                MatrixLayout.GappedColumns => (0, 3, 3 * rows + 1, columns * (3 * rows + 1)),
                MatrixLayout.Backwards => (Math.Max(0, rows * columns - 1), -columns, -1, rows * columns),
                MatrixLayout.OneRow => (0, 0, 1, columns),
                MatrixLayout.OneColumn => (0, 1, 0, rows),
                _ => (0L, columns + 1, 1L, rows * (columns + 1)),
            };
            long step = repeat ? 0 : size + 4;
            return new(start + offset, row, column, step, repeat ? 0 : step * batch + 8, size);
        }
    }
}
