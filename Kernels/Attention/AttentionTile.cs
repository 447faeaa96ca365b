using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// A tile of scores, [<see cref="Rows"/>, <see cref="Columns"/>], on the CPU: what happens to it between the matrix products, row by row. A thread's tiles lie side
/// by side in its workspace.
/// </summary>
internal unsafe ref struct AttentionTile<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Queries and keys of a tile.</summary>
    public const int Rows = 64, Columns = 128;

    private readonly Attention _op;
    private readonly T* _extra;
    private readonly uint* _words;
    private readonly T _keep;
    private readonly ulong _threshold;
    private AttentionProblem _p;

    public AttentionTile(Attention op, in AttentionProblem problem)
    {
        (_op, _p) = (op, problem);
        Scores = (T*)WindowWorkspace.Rent((nint)(2 * Rows + 2) * Columns * sizeof(T) + (Columns + 8) * sizeof(uint));
        Gradients = Scores + Rows * Columns;
        _extra = Gradients + Rows * Columns;
        _words = (uint*)(_extra + 2 * Columns);
        (_keep, _threshold) = (T.CreateTruncating(1 / (1 - op.Dropped)), Chance.Threshold(1 - op.Dropped));
    }

    /// <summary>Scores, then weights.</summary>
    public T* Scores { get; }

    /// <summary>Gradients of weights, then of scores.</summary>
    public T* Gradients { get; }

    public byte* Mask { get; init; }
    public T* Bias { get; init; }

    /// <summary>
    /// One row of products becomes e^(score − max), the sum of which joins the row's; returns the factor e^(old max − new max) for what was summed before.
    /// </summary>
    /// <param name="at">Which row.</param>
    /// <param name="max">The largest score so far.</param>
    /// <param name="sum">Σ e^(score − max) so far.</param>
    [MethodImpl(HotLoop.Options)]
    public T Weigh<V, S>(in AttentionPlace at, ref T max, ref T sum) where V : struct where S : struct, ISimd<T, V>
    {
        T* row = Scores + (at.Query - at.FirstQuery) * Columns;
        int n = Prepare(at, out T* extra);
        T largest = Score<V, S>(row, extra, n, max);
        T origin = T.IsNegativeInfinity(largest) ? T.Zero : largest;
        T factor = T.IsNegativeInfinity(max) ? T.One : Exp(max - origin);
        sum = sum * factor + Exponentials<V, S>(row, origin, n);
        max = largest;
        new Span<T>(row + n, at.Keys - n).Clear();
        if (_op.Dropped > 0) Drop(at, row, n);
        return factor;
    }

    /// <summary>
    /// One row of products becomes weights (dropped where the forward pass did), and one of products of gradients and values the gradients of the products of queries and keys.
    /// </summary>
    /// <param name="at">Which row.</param>
    /// <param name="logSum">ln Σ e^score of the query.</param>
    /// <param name="dot">Σ g y of the query.</param>
    [MethodImpl(HotLoop.Options)]
    public void Differentiate<V, S>(in AttentionPlace at, T logSum, T dot) where V : struct where S : struct, ISimd<T, V>
    {
        T* p = Scores + (at.Query - at.FirstQuery) * Columns, g = Gradients + (at.Query - at.FirstQuery) * Columns, keep = _extra + Columns;
        int n = Prepare(at, out T* extra);
        Score<V, S>(p, extra, n, T.NegativeInfinity);
        Exponentials<V, S>(p, T.IsNegativeInfinity(logSum) ? T.Zero : logSum, n);
        bool drops = _op.Dropped > 0;
        if (drops)
        {
            Draw(at, n, out uint* words);
            for (int j = 0; j < n; j++) keep[j] = words[j] < _threshold ? _keep : T.Zero;
        }

        V dots = S.Broadcast(dot), scale = S.Constant(_op.Scale);
        int i = 0;
        if (!drops)
        {
            for (; i <= n - S.Count; i += S.Count)
                S.Store(g + i, S.Multiply(S.Multiply(S.Load(p + i), S.Subtract(S.Load(g + i), dots)), scale));
        }

        for (int j = i; j < n; j += S.Count)
        {
            int lanes = Math.Min(S.Count, n - j);
            V weight = S.LoadPart(p + j, lanes), gradient = S.LoadPart(g + j, lanes);
            if (drops)
            {
                V kept = S.LoadPart(keep + j, lanes);
                gradient = S.Multiply(gradient, kept);
                S.StorePart(p + j, lanes, S.Multiply(weight, kept));
            }

            S.StorePart(g + j, lanes, S.Multiply(S.Multiply(weight, S.Subtract(gradient, dots)), scale));
        }

        new Span<T>(p + n, at.Keys - n).Clear();
        new Span<T>(g + n, at.Keys - n).Clear();
    }

    /// <summary>How many of the tile's keys are not in the query's future, and what is added to their scores: a bias, and −∞ where the mask hides a key; null for nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly int Prepare(in AttentionPlace at, out T* extra)
    {
        int n = (int)Math.Clamp(_p.Visible(at.Query + 1) - at.FirstKey, 0, at.Keys);
        extra = null;
        if (Bias != null)
        {
            T* bias = Bias + _p.Start(_p.Bias, at.Entry) + at.Query * _p.Bias.Row + at.FirstKey * _p.Bias.Column;
            extra = _extra;
            if (_p.Bias.Column == 1) extra = Mask == null ? bias : extra;
            if (extra != bias) for (int j = 0; j < n; j++) extra[j] = bias[j * _p.Bias.Column];
        }

        if (Mask == null) return n;
        byte* mask = Mask + _p.Start(_p.Mask, at.Entry) + at.Query * _p.Mask.Row + at.FirstKey * _p.Mask.Column;
        if (extra == null) new Span<T>(_extra, n).Clear();
        extra = _extra;
        for (int j = 0; j < n; j++)
            if (mask[j * _p.Mask.Column] == 0) extra[j] = T.NegativeInfinity;
        return n;
    }

    /// <summary>scale · x + extra, −∞ where extra is; returns the largest, at least <paramref name="max"/>. A NaN is passed over: it comes back in the sum.</summary>
    [MethodImpl(HotLoop.Options)]
    private readonly T Score<V, S>(T* row, T* extra, int n, T max) where V : struct where S : struct, ISimd<T, V>
    {
        V scale = S.Constant(_op.Scale), hidden = S.Constant(double.NegativeInfinity), largest = S.Broadcast(max);
        int j = 0;
        if (extra == null)
        {
            for (; j <= n - S.Count; j += S.Count)
            {
                V x = S.Multiply(S.Load(row + j), scale);
                S.Store(row + j, x);
                largest = MaximumStep.Merge<T, V, S>(largest, x);
            }
        }

        for (; j < n; j += S.Count)
        {
            int lanes = Math.Min(S.Count, n - j);
            V x = S.Multiply(S.LoadPart(row + j, lanes), scale);
            if (extra != null)
            {
                V added = S.LoadPart(extra + j, lanes);
                x = S.Select(S.Equal(added, hidden), hidden, S.Add(x, added));
            }

            S.StorePart(row + j, lanes, x);
            if (lanes < S.Count) x = S.Select(LaneMask.First<T, V, S>(lanes), x, hidden);
            largest = MaximumStep.Merge<T, V, S>(largest, x);
        }

        for (int lanes = S.Count; lanes > 1; lanes /= 2)
        {
            S.Unzip(largest, largest, out V even, out V odd);
            largest = MaximumStep.Merge<T, V, S>(even, odd);
        }

        return Unsafe.As<V, T>(ref largest);
    }

    /// <summary>e^(x − origin) in place; returns their sum.</summary>
    [MethodImpl(HotLoop.Options)]
    private static T Exponentials<V, S>(T* row, T origin, int n) where V : struct where S : struct, ISimd<T, V>
    {
        V shift = S.Broadcast(origin), sum = S.Constant(0);
        int j = 0;
        for (; j <= n - S.Count; j += S.Count)
        {
            V e = VectorMath.Exp<T, V, S>(S.Subtract(S.Load(row + j), shift));
            S.Store(row + j, e);
            sum = S.Add(sum, e);
        }

        if (j == n) return S.Sum(sum);
        V last = VectorMath.Exp<T, V, S>(S.Subtract(S.LoadPart(row + j, n - j), shift));
        S.StorePart(row + j, n - j, last);
        return S.Sum(S.Add(sum, S.And(last, LaneMask.First<T, V, S>(n - j))));
    }

    private static T Exp(T x) => VectorMath.Exp<T, T, SimdScalar<T>>(x);

    private readonly void Drop(in AttentionPlace at, T* row, int n)
    {
        Draw(at, n, out uint* words);
        for (int j = 0; j < n; j++) row[j] = words[j] < _threshold ? row[j] * _keep : T.Zero;
    }

    /// <summary>The words that decide over the weights of a row.</summary>
    private readonly void Draw(in AttentionPlace at, int n, out uint* words)
    {
        ulong element = (ulong)((at.Entry * _p.Queries + at.Query) * _p.Keys + at.FirstKey);
        int skipped = (int)(element % 4);
        PhiloxBlocks.Fill(_op.Key, _op.Counter + element / 4, _words, (skipped + n + 3) / 4);
        words = _words + skipped;
    }
}

/// <summary>A row of a tile.</summary>
/// <param name="Entry">Which of the batch.</param>
/// <param name="FirstQuery">The tile's first row.</param>
/// <param name="Query">This row.</param>
/// <param name="FirstKey">The tile's first column.</param>
/// <param name="Keys">Its columns.</param>
internal readonly record struct AttentionPlace(long Entry, long FirstQuery, long Query, long FirstKey, int Keys);
