using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>The backward pass of Manhattan distances by their first operand: dxᵢₖ = Σⱼ gᵢⱼ sign(xᵢₖ − yⱼₖ). Operands: g [.., P, R], x [.., P, M], y [.., R, M].</summary>
public sealed record ManhattanGradient : Op
{
    public override string Name => nameof(ManhattanGradient);

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        Check.Floating(this, x[0]);
        y[0] = new(Check.SameType(this, x), x[1].Shape);
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        if (y[0]!.Count == 0) return;
        using Packed g = new(x[0]), from = new(x[1]), to = new(x[2]);
        using PackedOutput output = new(y[0]!);
        Action action = new() { G = g.Tensor, X = from.Tensor, Y = to.Tensor, Slopes = output.Tensor };
        ByType.Floating(this, x[0].DType, ref action);
        output.Finish();
    }

    private static readonly KernelTable<(DType Type, int Group)> _gpu = new(key => GpuSource.Real("manhattan_gradient.cu", "manhattan_gradient", key.Group, key.Type));

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        if (y[0]!.Count == 0) return;
        using Packed g = new(x[0]), from = new(x[1]), to = new(x[2]);
        int group = gpu.Tuning.MapGroup;
        KernelArguments arguments = new();
        arguments.Out(y[0]);
        arguments.In(g.Tensor);
        arguments.In(from.Tensor);
        arguments.In(to.Tensor);
        arguments.Value(y[0]!.Count);
        arguments.Value(x[1].Shape[^2]);
        arguments.Value(x[2].Shape[^2]);
        arguments.Value(x[1].Shape[^1]);
        gpu.Launch(_gpu[(y[0]!.DType, group)], LaunchSize.Covering(y[0]!.Count, group), ref arguments);
    }

    private struct Action : IFloatingAction
    {
        public Tensor G, X, Y, Slopes;

        public readonly unsafe void Run<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T>
        {
            WidthAction<T> action = new()
            {
                G = (T*)G.Pointer, X = (T*)X.Pointer, Y = (T*)Y.Pointer, Slopes = (T*)Slopes.Pointer, P = X.Shape[^2], R = Y.Shape[^2], M = X.Shape[^1], Rows = Slopes.Count / X.Shape[^1],
            };
            SimdDispatch.Run<T, WidthAction<T>>(ref action);
        }
    }

    private unsafe struct WidthAction<T> : ISimdAction<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public T* G, X, Y, Slopes;
        public long P, R, M, Rows;

        public readonly void Run<V, S>() where V : struct where S : struct, ISimd<T, V>
        {
            Job<T, V, S> job = new() { Of = this, RowsPerTask = Math.Max(1, (32 << 10) / Math.Max(1, R * M)) };
            WorkerPool.Shared.Run(checked((int)((Rows + job.RowsPerTask - 1) / job.RowsPerTask)), ref job);
        }
    }

    private unsafe struct Job<T, V, S> : IParallelJob where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        public WidthAction<T> Of;
        public long RowsPerTask;

        [MethodImpl(HotLoop.Options)]
        public readonly void Execute(int task)
        {
            for (long row = task * RowsPerTask, end = Math.Min(Of.Rows, row + RowsPerTask); row < end; row++)
            {
                T* x = Of.X + row * Of.M, y = Of.Y + row / Of.P * Of.R * Of.M, g = Of.G + row * Of.R, slopes = Of.Slopes + row * Of.M;
                for (long k = 0; k < Of.M; k += S.Count)
                {
                    int lanes = (int)Math.Min(S.Count, Of.M - k);
                    V own = S.LoadPart(x + k, lanes), sum = S.Constant(0);
                    for (long j = 0; j < Of.R; j++)
                        sum = S.MultiplyAdd(S.Broadcast(g[j]), VectorMath.Sign<T, V, S>(S.Subtract(own, S.LoadPart(y + j * Of.M + k, lanes))), sum);
                    S.StorePart(slopes + k, lanes, sum);
                }
            }
        }
    }
}
