using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>The backward pass of a recurrence on the CPU: per position, the last step first, the gates' gradients of all rows, then one product.</summary>
internal unsafe struct BackwardLoop<TStep, T> : ISimdAction<T> where TStep : struct, IRecurrentStep where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public RecurrentShape Shape;
    public T* G, Y, H0, C0, Kept, Cells;    // [T, N, H], [T, N, H], [N, H], [N, H], [T, N, K·H], [T, N, H]
    public T* W;                            // [G·H, H] of any strides
    public nint RowW, ColW;
    public long* Lengths;                   // [N] or null
    public T* DX, DU, DFirst;               // [T, N, G·H], the same or another one, [N, G·H]
    public T* DH, DC;                       // [N, H]: the running gradients

    [MethodImpl(HotLoop.Options)]
    public readonly void Run<V, S>() where V : struct where S : struct, ISimd<T, V>
    {
        // DH [N, H] += DU [N, G·H] · W [G·H, H]
        GemmArguments<T> product = new()
        {
            M = Shape.Rows, N = Shape.Hidden, K = Shape.Gates * Shape.Hidden, RowA = (nint)Shape.Gates * Shape.Hidden, ColA = 1, B = W, RowB = RowW, ColB = ColW,
            C = DH, RowC = Shape.Hidden, ColC = 1, Accumulate = true,
        };
        for (int step = Shape.Steps - 1; step >= 0; step--)
        {
            Gates<V, S> gates = new() { Loop = this, Position = Shape.Position(step), Before = Shape.Before(Shape.Position(step)) };
            RowTasks.Run(Shape, ref gates);
            product.A = DU + gates.Position * Shape.Products;
            Gemm.Run<T, V, S>(product);
        }
    }

    /// <summary>The gates' gradients of a few rows at one position.</summary>
    private struct Gates<V, S> : IRowWork where V : struct where S : struct, ISimd<T, V>
    {
        public BackwardLoop<TStep, T> Loop;
        public int Position, Before;

        [MethodImpl(HotLoop.Options)]
        public readonly void Run(int row)
        {
            int hidden = Loop.Shape.Hidden, gates = hidden * TStep.Gates;
            long place = (long)Position * Loop.Shape.Rows + row, before = (long)Before * Loop.Shape.Rows + row, offset = (long)row * hidden;
            T* dx = Loop.DX + place * gates, du = Loop.DU + place * gates;
            long length = Loop.Lengths == null ? Loop.Shape.Steps : Loop.Lengths[row];
            if (Position >= length)
            {
                new Span<T>(dx, gates).Clear();
                if (TStep.IsSplit) new Span<T>(du, gates).Clear();
                return;
            }

            bool first = Position == Loop.Shape.First(length);
            T* g = Loop.G + place * hidden, y = Loop.Y + place * hidden, h = first ? Loop.H0 + offset : Loop.Y + before * hidden;
            T* cells = TStep.HasCell ? Loop.Cells + place * hidden : null, c = !TStep.HasCell ? null : first ? Loop.C0 + offset : Loop.Cells + before * hidden;
            T* kept = Loop.Kept + place * hidden * TStep.Kept, dh = Loop.DH + offset, dc = TStep.HasCell ? Loop.DC + offset : null, start = Loop.DFirst + (long)row * gates;
            for (int j = 0; j < hidden; j += S.Count)
            {
                int lanes = Math.Min(S.Count, hidden - j);
                RecurrentStates<V> states = new() { Y = Lanes.Load<T, V, S>(y + j, lanes), H = Lanes.Load<T, V, S>(h + j, lanes) };
                states.G = S.Add(Lanes.Load<T, V, S>(dh + j, lanes), Lanes.Load<T, V, S>(g + j, lanes));
                V cell = default;
                if (TStep.HasCell)
                {
                    states.CBefore = Lanes.Load<T, V, S>(c + j, lanes);
                    states.CAfter = Lanes.Load<T, V, S>(cells + j, lanes);
                    cell = Lanes.Load<T, V, S>(dc + j, lanes);
                }

                V passed = TStep.Backward<T, V, S>(Quads<T, V, S>.Load(kept + j, hidden, TStep.Kept, lanes), states, ref cell, out Quad<V> toInput, out Quad<V> toState);
                Lanes.Store<T, V, S>(dh + j, lanes, passed);
                if (TStep.HasCell) Lanes.Store<T, V, S>(dc + j, lanes, cell);
                Quads<T, V, S>.Store(dx + j, hidden, TStep.Gates, lanes, toInput);
                if (TStep.IsSplit) Quads<T, V, S>.Store(du + j, hidden, TStep.Gates, lanes, toState);
                if (first) Quads<T, V, S>.Store(start + j, hidden, TStep.Gates, lanes, toState);
            }
        }
    }
}
