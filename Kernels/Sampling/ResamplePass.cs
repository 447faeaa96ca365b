using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>The operands of a resampling or of its transpose, row-major.</summary>
internal struct ResampleArguments
{
    public SpatialPlan Plan;
    public nint From, To;
    public bool Transposed;
}

/// <summary>
/// Applies one linear map per axis to every plane, one after the other; those that shrink the plane come first. Along the innermost axis single elements
/// are picked, along the others whole rows are added up.
/// </summary>
internal readonly unsafe struct ResamplePass : IWindowPass<ResampleArguments>
{
    public static void Run<T, V, S>(ref ResampleArguments p) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        AxisTable<T> depth = AxisTable<T>.Of(p.Plan.Depth, p.Transposed, out Tensor first), height = AxisTable<T>.Of(p.Plan.Height, p.Transposed, out Tensor second),
            width = AxisTable<T>.Of(p.Plan.Width, p.Transposed, out Tensor third);
        using (first) using (second) using (third)
        {
            Job<T, V, S> job = new() { Plan = p.Plan, From = (T*)p.From, To = (T*)p.To, Depth = depth, Height = height, Width = width };
            job.Order();
            double taps = depth.Taps + height.Taps + width.Taps;
            WindowDispatch.Share(p.Plan.Tasks, p.Plan.Planes * taps * Math.Max(p.Plan.InputPixels, p.Plan.OutputPixels), ref job);
        }
    }

    private struct Job<T, V, S> : IParallelJob where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        public SpatialPlan Plan;
        public T* From, To;
        public AxisTable<T> Depth, Height, Width;

        // The axes that change, in the order in which they are worked on; and the largest plane in between.
        private int _a, _b, _c, _steps;
        private nint _between;

        public void Order()
        {
            Span<int> axes = stackalloc int[3];
            int n = 0;
            if (!Plan.Depth.IsIdentity) axes[n++] = 0;
            if (!Plan.Height.IsIdentity) axes[n++] = 1;
            if (!Plan.Width.IsIdentity) axes[n++] = 2;
            // By growth, smallest first; between equals the innermost, which costs most per element.
            for (int i = 1; i < n; i++)
            {
                for (int k = i; k > 0 && Growth(axes[k]) <= Growth(axes[k - 1]); k--) (axes[k], axes[k - 1]) = (axes[k - 1], axes[k]);
            }

            (_a, _b, _c, _steps) = (axes[0], axes[1], axes[2], n);
            nint d = Depth.Elements, h = Height.Elements, w = Width.Elements;
            for (int step = 0; step < n - 1; step++)
            {
                Advance(Axis(step), ref d, ref h, ref w);
                _between = Math.Max(_between, d * h * w);
            }
        }

        public readonly void Execute(int task)
        {
            nint from = (nint)Depth.Elements * Height.Elements * Width.Elements, to = (nint)Depth.Results * Height.Results * Width.Results;
            T* spare = _steps > 1 ? (T*)WindowWorkspace.Rent(2 * _between * sizeof(T)) : null;
            for (int plane = task * Plan.TaskPlanes, end = Math.Min(Plan.Planes, plane + Plan.TaskPlanes); plane < end; plane++)
            {
                T* x = From + plane * from, y = To + plane * to;
                if (_steps == 0) Buffer.MemoryCopy(x, y, from * sizeof(T), from * sizeof(T));
                nint d = Depth.Elements, h = Height.Elements, w = Width.Elements;
                for (int step = 0; step < _steps; step++)
                {
                    T* target = step == _steps - 1 ? y : spare + step * _between;
                    int axis = Axis(step);
                    if (axis == 0) Rows(Depth, x, target, 1, h * w);
                    else if (axis == 1) Rows(Height, x, target, d, w);
                    else Pick(Width, x, target, d * h);
                    Advance(axis, ref d, ref h, ref w);
                    x = target;
                }
            }
        }

        private readonly int Axis(int step) => step == 0 ? _a : step == 1 ? _b : _c;

        private readonly void Advance(int axis, ref nint d, ref nint h, ref nint w)
        {
            if (axis == 0) d = Depth.Results;
            else if (axis == 1) h = Height.Results;
            else w = Width.Results;
        }

        private readonly double Growth(int axis)
        {
            AxisTable<T> table = axis == 0 ? Depth : axis == 1 ? Height : Width;
            return (double)table.Results / table.Elements;
        }

        /// <summary>to[o, i, :] = Σₜ w[i, t] · from[o, first[i] + t, :].</summary>
        [MethodImpl(HotLoop.Options)]
        private static void Rows(in AxisTable<T> table, T* from, T* to, nint outer, nint inner)
        {
            for (nint o = 0; o < outer; o++, from += table.Elements * inner)
            {
                for (int i = 0; i < table.Results; i++, to += inner)
                {
                    T* x = from + table.First[i] * inner, weights = table.Weights + (nint)i * table.Taps;
                    int count = table.Count[i];
                    nint j = 0;
                    for (; j <= inner - S.Count; j += S.Count)
                    {
                        V sum = S.Constant(0);
                        for (int t = 0; t < count; t++) sum = S.MultiplyAdd(S.Load(x + t * inner + j), S.Broadcast(weights[t]), sum);
                        S.Store(to + j, sum);
                    }

                    if (j == inner) continue;
                    int rest = (int)(inner - j);
                    V last = S.Constant(0);
                    for (int t = 0; t < count; t++) last = S.MultiplyAdd(S.LoadPart(x + t * inner + j, rest), S.Broadcast(weights[t]), last);
                    S.StorePart(to + j, rest, last);
                }
            }
        }

        /// <summary>to[o, i] = Σₜ w[i, t] · from[o, first[i] + t].</summary>
        [MethodImpl(HotLoop.Options)]
        private static void Pick(in AxisTable<T> table, T* from, T* to, nint outer)
        {
            int results = table.Results, taps = table.Taps;
            int* first = table.First, count = table.Count;
            for (nint o = 0; o < outer; o++, from += table.Elements, to += results)
            {
                T* weights = table.Weights;
                for (int i = 0; i < results; i++, weights += taps)
                {
                    T* x = from + first[i];
                    T sum = T.Zero;
                    for (int t = 0; t < count[i]; t++) sum += weights[t] * x[t];
                    to[i] = sum;
                }
            }
        }
    }
}
