using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// The backward pass of attention on the CPU. A large batch has a task per entry, which computes each tile of weights once; a small one has a task per block of
/// queries for dq and one per block of keys for dk and dv. The sums have the same order either way: over keys for dq, over queries for dk and dv.
/// </summary>
internal unsafe struct AttentionBackward(Attention op, AttentionProblem problem) : IFloatingAction
{
    private const long LargeBatch = 16;

    public nint Q, K, V, Mask, Bias, Y, G, LogSums, DQ, DK, DV;

    public readonly void Run<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Pass<T> pass = new()
        {
            Op = op, P = problem, Q = (T*)Q, K = (T*)K, V = (T*)V, Mask = (byte*)Mask, Bias = (T*)Bias, Y = (T*)Y, G = (T*)G, LogSums = (T*)LogSums,
            DQ = (T*)DQ, DK = (T*)DK, DV = (T*)DV,
        };
        SimdDispatch.Run<T, Pass<T>>(ref pass);
    }

    private struct Pass<T> : ISimdAction<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public Attention Op;
        public AttentionProblem P;
        public T* Q, K, V, Bias, Y, G, LogSums, DQ, DK, DV;
        public byte* Mask;

        public readonly void Run<TV, S>() where TV : struct where S : struct, ISimd<T, TV>
        {
            if (P.Batch >= LargeBatch)
            {
                Run<TV, S>(Part.QueryGradients | Part.KeyGradients, 1, 1);
                return;
            }

            Run<TV, S>(Part.QueryGradients, P.Queries, AttentionTile<T>.Rows);
            Run<TV, S>(Part.KeyGradients, P.Keys, AttentionTile<T>.Columns);
        }

        private readonly void Run<TV, S>(Part part, long length, long block) where TV : struct where S : struct, ISimd<T, TV>
        {
            Job<T, TV, S> job = new() { Pass = this, Part = part, Blocks = (length + block - 1) / block };
            WorkerPool.Shared.Run(checked((int)(P.Batch * job.Blocks)), ref job);
        }
    }

    [Flags]
    private enum Part
    {
        QueryGradients = 1,
        KeyGradients = 2,
    }

    private struct Job<T, V, S> : IParallelJob where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        public Pass<T> Pass;
        public Part Part;
        public long Blocks;

        public readonly void Execute(int task)
        {
            (long entry, long block) = Math.DivRem(task, Blocks);
            long query = block * AttentionTile<T>.Rows, key = block * AttentionTile<T>.Columns;
            switch (Part)
            {
                case Part.QueryGradients: Walk(entry, query, Math.Min(Pass.P.Queries, query + AttentionTile<T>.Rows), 0, Pass.P.Keys); break;
                case Part.KeyGradients: Walk(entry, 0, Pass.P.Queries, key, Math.Min(Pass.P.Keys, key + AttentionTile<T>.Columns)); break;
                default: Walk(entry, 0, Pass.P.Queries, 0, Pass.P.Keys); break;
            }
        }

        /// <summary>The tiles of some queries and keys, for the gradients that the part asks for.</summary>
        [MethodImpl(HotLoop.Options)]
        private readonly void Walk(long entry, long firstQuery, long endQuery, long firstKey, long endKey)
        {
            AttentionTile<T> tile = new(Pass.Op, Pass.P) { Mask = Pass.Mask, Bias = Pass.Bias };
            for (long query = firstQuery; query < endQuery; query += AttentionTile<T>.Rows)
            {
                int rows = (int)Math.Min(AttentionTile<T>.Rows, endQuery - query);
                long visible = Math.Min(endKey, Pass.P.Visible(query + rows));
                if (firstKey < visible) Dot(tile.Dots, entry, query, rows);
                for (long key = firstKey; key < visible; key += AttentionTile<T>.Columns)
                    Add(ref tile, entry, query, rows, key, (int)Math.Min(AttentionTile<T>.Columns, visible - key));
            }
        }

        /// <summary>Σ g y of some queries: Σ of their weights times the weights' gradients.</summary>
        [MethodImpl(HotLoop.Options)]
        private readonly void Dot(T* dots, long entry, long query, int rows)
        {
            ref readonly AttentionProblem p = ref Pass.P;
            int width = checked((int)p.Width);
            T* g = Pass.G + p.Start(p.G, entry) + query * p.G.Row, y = Pass.Y + p.Start(p.Y, entry) + query * p.Y.Row;
            for (int i = 0; i < rows; i++, g += p.G.Row, y += p.Y.Row)
            {
                V sum = S.Constant(0);
                int j = 0;
                for (; j <= width - S.Count; j += S.Count) sum = S.MultiplyAdd(S.Load(g + j), S.Load(y + j), sum);
                if (j < width) sum = S.MultiplyAdd(S.LoadPart(g + j, width - j), S.LoadPart(y + j, width - j), sum);
                dots[i] = S.Sum(sum);
            }
        }

        [MethodImpl(HotLoop.Options)]
        private readonly void Add(ref AttentionTile<T> tile, long entry, long query, int rows, long key, int keys)
        {
            ref readonly AttentionProblem p = ref Pass.P;
            int depth = checked((int)p.Depth), width = checked((int)p.Width);
            T* q = Pass.Q + p.Start(p.Q, entry) + query * p.Q.Row, g = Pass.G + p.Start(p.G, entry) + query * p.G.Row, dq = Pass.DQ + p.Start(p.DQ, entry) + query * p.DQ.Row;
            T* k = Pass.K + p.Start(p.K, entry) + key * p.K.Row, v = Pass.V + p.Start(p.V, entry) + key * p.V.Row;
            T* dk = Pass.DK + p.Start(p.DK, entry) + key * p.DK.Row, dv = Pass.DV + p.Start(p.DV, entry) + key * p.DV.Row;

            // Tiles [rows, keys]: q kᵀ and g vᵀ.
            Gemm.Run<T, V, S>(new() { M = rows, N = keys, K = depth, A = q, RowA = (nint)p.Q.Row, ColA = 1, B = k, RowB = 1, ColB = (nint)p.K.Row, C = tile.Scores, RowC = AttentionTile<T>.Columns, ColC = 1 }, Gemm.OwnThread);
            Gemm.Run<T, V, S>(new() { M = rows, N = keys, K = width, A = g, RowA = (nint)p.G.Row, ColA = 1, B = v, RowB = 1, ColB = (nint)p.V.Row, C = tile.Gradients, RowC = AttentionTile<T>.Columns, ColC = 1 }, Gemm.OwnThread);
            for (int i = 0; i < rows; i++)
            {
                tile.Differentiate<V, S>(new(entry, query, query + i, key, keys), Pass.LogSums[entry * p.Queries + query + i], tile.Dots[i]);
            }

            bool addsQuery = p.Causal != 0 || key > 0, addsKey = p.Causal != 0 || query > 0;

            // dq [rows, depth] += dS k; dk [keys, depth] += dSᵀ q; dv [keys, width] += Pᵀ g.
            if ((Part & Part.QueryGradients) != 0)
                Gemm.Run<T, V, S>(new() { M = rows, N = depth, K = keys, A = tile.Gradients, RowA = AttentionTile<T>.Columns, ColA = 1, B = k, RowB = (nint)p.K.Row, ColB = 1, C = dq, RowC = (nint)p.DQ.Row, ColC = 1, Accumulate = addsQuery }, Gemm.OwnThread);
            if ((Part & Part.KeyGradients) == 0) return;
            Gemm.Run<T, V, S>(new() { M = keys, N = depth, K = rows, A = tile.Gradients, RowA = 1, ColA = AttentionTile<T>.Columns, B = q, RowB = (nint)p.Q.Row, ColB = 1, C = dk, RowC = (nint)p.DK.Row, ColC = 1, Accumulate = addsKey }, Gemm.OwnThread);
            Gemm.Run<T, V, S>(new() { M = keys, N = width, K = rows, A = tile.Scores, RowA = 1, ColA = AttentionTile<T>.Columns, B = g, RowB = (nint)p.G.Row, ColB = 1, C = dv, RowC = (nint)p.DV.Row, ColC = 1, Accumulate = addsKey }, Gemm.OwnThread);
        }
    }
}
