using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>A recurrence on the CPU: per position one product of the state, then the gates of all rows. Nothing is allocated here.</summary>
internal unsafe struct ForwardLoop<TStep, T> : ISimdAction<T> where TStep : struct, IRecurrentStep where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public RecurrentShape Shape;
    public T* X, W, Bias, U;                // [T, N, G·H], Wᵀ [H, G·H] of any strides, [G·H] or null, [N, G·H]
    public nint RowW, ColW;
    public T* Y, H, C;                      // [T, N, H], [N, H]: the running states
    public T* Kept, Cells;                  // [T, N, K·H] and [T, N, H], or null
    public long* Lengths;                   // [N] or null

    [MethodImpl(HotLoop.Options)]
    public readonly void Run<V, S>() where V : struct where S : struct, ISimd<T, V>
    {
        // U [N, G·H] = H [N, H] · Wᵀ [H, G·H] + bias
        GemmArguments<T> product = new()
        {
            M = Shape.Rows, N = Shape.Gates * Shape.Hidden, K = Shape.Hidden, A = H, RowA = Shape.Hidden, ColA = 1, B = W, RowB = RowW, ColB = ColW,
            C = U, RowC = (nint)Shape.Gates * Shape.Hidden, ColC = 1, Bias = Bias,
        };
        for (int step = 0; step < Shape.Steps; step++)
        {
            Gemm.Run<T, V, S>(product);
            Gates<V, S> gates = new() { Loop = this, Position = Shape.Position(step) };
            RowTasks.Run(Shape, ref gates);
        }
    }

    /// <summary>The gates of a few rows at one position.</summary>
    private struct Gates<V, S> : IRowWork where V : struct where S : struct, ISimd<T, V>
    {
        public ForwardLoop<TStep, T> Loop;
        public int Position;

        [MethodImpl(HotLoop.Options)]
        public readonly void Run(int row)
        {
            int hidden = Loop.Shape.Hidden;
            long place = (long)Position * Loop.Shape.Rows + row, offset = (long)row * hidden;
            T* y = Loop.Y + place * hidden, h = Loop.H + offset, c = TStep.HasCell ? Loop.C + offset : null;
            T* kept = Loop.Kept == null ? null : Loop.Kept + place * hidden * TStep.Kept, cells = Loop.Cells == null ? null : Loop.Cells + place * hidden;
            if (Loop.Lengths != null && Position >= Loop.Lengths[row])
            {
                new Span<T>(y, hidden).Clear();
                if (kept != null) new Span<T>(kept, hidden * TStep.Kept).Clear();
                if (cells != null) new Span<T>(cells, hidden).Clear();
                return;
            }

            T* x = Loop.X + place * hidden * TStep.Gates, u = Loop.U + offset * TStep.Gates;
            for (int j = 0; j < hidden; j += S.Count)
            {
                int lanes = Math.Min(S.Count, hidden - j);
                V cell = TStep.HasCell ? Lanes.Load<T, V, S>(c + j, lanes) : default;
                V next = TStep.Forward<T, V, S>(Quads<T, V, S>.Load(x + j, hidden, TStep.Gates, lanes), Quads<T, V, S>.Load(u + j, hidden, TStep.Gates, lanes),
                    Lanes.Load<T, V, S>(h + j, lanes), ref cell, out Quad<V> keep);
                Lanes.Store<T, V, S>(y + j, lanes, next);
                Lanes.Store<T, V, S>(h + j, lanes, next);
                if (TStep.HasCell) Lanes.Store<T, V, S>(c + j, lanes, cell);
                if (kept != null) Quads<T, V, S>.Store(kept + j, hidden, TStep.Kept, lanes, keep);
                if (cells != null) Lanes.Store<T, V, S>(cells + j, lanes, cell);
            }
        }
    }
}
