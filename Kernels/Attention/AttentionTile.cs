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

    private const int LaneBytes = 64;       // room for the widest vector

    private readonly Attention _op;
    private readonly T* _extra, _largest;   // what is added to a row's scores, and which weights are kept; the lanes of each row's maximum
    private readonly int* _counts;          // keys in sight of each row
    private readonly uint* _words;
    private readonly T _keep;
    private readonly ulong _threshold;
    private AttentionProblem _p;

    public AttentionTile(Attention op, in AttentionProblem problem)
    {
        (_op, _p) = (op, problem);
        Scores = (T*)WindowWorkspace.Rent((nint)(2 * Rows + 2) * Columns * sizeof(T) + Rows * (LaneBytes + sizeof(T) + sizeof(int)) + (Columns + 8) * sizeof(uint));
        Gradients = Scores + Rows * Columns;
        _extra = Gradients + Rows * Columns;
        _largest = _extra + 2 * Columns;
        Dots = (T*)((byte*)_largest + Rows * LaneBytes);
        _counts = (int*)(Dots + Rows);
        _words = (uint*)(_counts + Rows);
        (_keep, _threshold) = (T.CreateTruncating(1 / (1 - op.Dropped)), Chance.Threshold(1 - op.Dropped));
    }

    /// <summary>Scores, then weights.</summary>
    public T* Scores { get; }

    /// <summary>Gradients of weights, then of scores.</summary>
    public T* Gradients { get; }

    /// <summary>Σ g y of each row's query, for the backward pass.</summary>
    public T* Dots { get; }

    public byte* Mask { get; init; }
    public T* Bias { get; init; }

    /// <summary>
    /// Rows of products become e^(score − max), the sum of which joins each row's. Three passes, because within a row each step waits for the one before, and rows do not
    /// wait for each other.
    /// </summary>
    /// <param name="at">The first row.</param>
    /// <param name="rows">How many.</param>
    /// <param name="max">The largest score of each row so far.</param>
    /// <param name="sum">Σ e^(score − max) of each row so far.</param>
    /// <param name="factors">Receives e^(old max − new max) of each row: what the sums before are to be multiplied with.</param>
    [MethodImpl(HotLoop.Options)]
    public void Weigh<V, S>(in AttentionPlace at, int rows, T* max, T* sum, T* factors) where V : struct where S : struct, ISimd<T, V>
    {
        for (int i = 0; i < rows; i++)
        {
            _counts[i] = Prepare(at with { Query = at.Query + i }, out T* extra);
            Score<V, S>(Scores + i * Columns, extra, _counts[i], max[i], _largest + i * S.Count);
        }

        for (int i = 0; i < rows; i++)
        {
            T largest = Largest<V, S>(_largest + i * S.Count);
            factors[i] = T.IsNegativeInfinity(max[i]) ? T.One : Exp(max[i] - (T.IsNegativeInfinity(largest) ? T.Zero : largest));
            max[i] = largest;
        }

        for (int i = 0; i < rows; i++)
        {
            T* row = Scores + i * Columns;
            int n = _counts[i];
            sum[i] = sum[i] * factors[i] + Exponentials<V, S>(row, T.IsNegativeInfinity(max[i]) ? T.Zero : max[i], n);
            if (n < at.Keys) new Span<T>(row + n, at.Keys - n).Clear();
            if (_op.Dropped > 0) Drop(at with { Query = at.Query + i }, row, n);
        }
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
        T origin = T.IsNegativeInfinity(logSum) ? T.Zero : logSum;
        bool drops = _op.Dropped > 0;
        if (extra == null && !drops)
        {
            Differentiate<V, S>(p, g, n, origin, dot);
            new Span<T>(p + n, at.Keys - n).Clear();
            new Span<T>(g + n, at.Keys - n).Clear();
            return;
        }

        Score<V, S>(p, extra, n, T.NegativeInfinity, _largest);
        Exponentials<V, S>(p, origin, n);
        if (drops)
        {
            Draw(at, n, out uint* words);
            for (int j = 0; j < n; j++) keep[j] = words[j] < _threshold ? _keep : T.Zero;
        }

        V dots = S.Broadcast(dot), scale = S.Constant(_op.Scale);
        for (int j = 0; j < n; j += S.Count)
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

    /// <summary>p becomes e^(scale · p − origin), and g scale · p (g − dot).</summary>
    [MethodImpl(HotLoop.Options)]
    private readonly void Differentiate<V, S>(T* p, T* g, int n, T origin, T dot) where V : struct where S : struct, ISimd<T, V>
    {
        V dots = S.Broadcast(dot), scale = S.Constant(_op.Scale), shift = S.Broadcast(origin);
        int j = 0;
        for (; j <= n - S.Count; j += S.Count)
        {
            V weight = VectorMath.Exp<T, V, S>(S.Subtract(S.Multiply(S.Load(p + j), scale), shift));
            S.Store(p + j, weight);
            S.Store(g + j, S.Multiply(S.Multiply(weight, S.Subtract(S.Load(g + j), dots)), scale));
        }

        if (j == n) return;
        V last = VectorMath.Exp<T, V, S>(S.Subtract(S.Multiply(S.LoadPart(p + j, n - j), scale), shift));
        S.StorePart(p + j, n - j, last);
        S.StorePart(g + j, n - j, S.Multiply(S.Multiply(last, S.Subtract(S.LoadPart(g + j, n - j), dots)), scale));
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

    /// <summary>scale · x + extra, −∞ where extra is; the lanes' largest, at least <paramref name="max"/>, go to <paramref name="lanesOfLargest"/>. A NaN is passed over: it comes back in the sum.</summary>
    [MethodImpl(HotLoop.Options)]
    private readonly void Score<V, S>(T* row, T* extra, int n, T max, T* lanesOfLargest) where V : struct where S : struct, ISimd<T, V>
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

        S.Store(lanesOfLargest, largest);
    }

    /// <summary>The largest of a register's lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Largest<V, S>(T* lanesOfLargest) where V : struct where S : struct, ISimd<T, V>
    {
        V largest = S.Load(lanesOfLargest);
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
