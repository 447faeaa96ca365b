using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>Attention on the CPU: a task is a block of queries of one entry of the batch, and walks over the keys.</summary>
internal unsafe struct AttentionForward(Attention op, AttentionProblem problem) : IFloatingAction
{
    public nint Q, K, V, Mask, Bias, Y, LogSums;

    public readonly void Run<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Pass<T> pass = new()
        {
            Op = op, P = problem, Q = (T*)Q, K = (T*)K, V = (T*)V, Mask = (byte*)Mask, Bias = (T*)Bias, Y = (T*)Y, LogSums = (T*)LogSums,
        };
        SimdDispatch.Run<T, Pass<T>>(ref pass);
    }

    private struct Pass<T> : ISimdAction<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public Attention Op;
        public AttentionProblem P;
        public T* Q, K, V, Bias, Y, LogSums;
        public byte* Mask;

        public readonly void Run<TV, S>() where TV : struct where S : struct, ISimd<T, TV>
        {
            Job<T, TV, S> job = new() { Pass = this, Blocks = (P.Queries + AttentionTile<T>.Rows - 1) / AttentionTile<T>.Rows };
            WorkerPool.Shared.Run(checked((int)(P.Batch * job.Blocks)), ref job);
        }
    }

    private struct Job<T, V, S> : IParallelJob where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        public Pass<T> Pass;
        public long Blocks;

        [MethodImpl(HotLoop.Options)]
        public readonly void Execute(int task)
        {
            ref readonly AttentionProblem p = ref Pass.P;
            long entry = task / Blocks, first = task % Blocks * AttentionTile<T>.Rows, end = Math.Min(p.Queries, first + AttentionTile<T>.Rows), visible = p.Visible(end);
            int rows = (int)(end - first), width = checked((int)p.Width);
            AttentionTile<T> tile = new(Pass.Op, p) { Mask = Pass.Mask, Bias = Pass.Bias };
            T* max = stackalloc T[AttentionTile<T>.Rows], sum = stackalloc T[AttentionTile<T>.Rows], factors = stackalloc T[AttentionTile<T>.Rows];
            new Span<T>(max, rows).Fill(T.NegativeInfinity);
            new Span<T>(sum, rows).Clear();
            T* q = Pass.Q + p.Start(p.Q, entry) + first * p.Q.Row, k = Pass.K + p.Start(p.K, entry), v = Pass.V + p.Start(p.V, entry);
            T* y = Pass.Y + p.Start(p.Y, entry) + first * p.Y.Row;
            GemmArguments<T> score = new() { M = rows, K = checked((int)p.Depth), A = q, RowA = (nint)p.Q.Row, ColA = 1, RowB = 1, ColB = (nint)p.K.Row, C = tile.Scores, RowC = AttentionTile<T>.Columns, ColC = 1 };
            GemmArguments<T> gather = new() { M = rows, N = width, A = tile.Scores, RowA = AttentionTile<T>.Columns, ColA = 1, RowB = (nint)p.V.Row, ColB = 1, C = y, RowC = (nint)p.Y.Row, ColC = 1 };
            for (long key = 0; key < visible; key += AttentionTile<T>.Columns)
            {
                int keys = (int)Math.Min(AttentionTile<T>.Columns, visible - key);
                score.N = keys;
                score.B = k + key * p.K.Row;
                Gemm.Run<T, V, S>(score, Gemm.OwnThread);
                tile.Weigh<V, S>(new(entry, first, first, key, keys), rows, max, sum, factors);
                gather.Accumulate = key > 0;
                for (int i = 0; gather.Accumulate && i < rows; i++)
                    if (factors[i] != T.One) Scale(y + i * p.Y.Row, factors[i], width);
                gather.K = keys;
                gather.B = v + key * p.V.Row;
                Gemm.Run<T, V, S>(gather, Gemm.OwnThread);
            }

            for (int i = 0; i < rows; i++)
            {
                if (sum[i] != T.Zero) Scale(y + i * p.Y.Row, T.One / sum[i], width);
                if (Pass.LogSums != null) Pass.LogSums[entry * p.Queries + first + i] = max[i] + (T.IsNegativeInfinity(max[i]) ? T.Zero : T.Log(sum[i]));
            }
        }

        private static void Scale(T* row, T factor, int n)
        {
            V factors = S.Broadcast(factor);
            int j = 0;
            for (; j <= n - S.Count; j += S.Count) S.Store(row + j, S.Multiply(S.Load(row + j), factors));
            if (j < n) S.StorePart(row + j, n - j, S.Multiply(S.LoadPart(row + j, n - j), factors));
        }
    }
}
