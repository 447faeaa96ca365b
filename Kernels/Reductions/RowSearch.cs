using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>Looks for a value among neighbouring elements.</summary>
internal static unsafe class RowSearch<T, V, S> where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
{
    /// <summary>The first position of <paramref name="value"/> in x[0 .. n−1], where it does occur. NaN is found as NaN.</summary>
    [MethodImpl(HotLoop.Options)]
    public static long First(T* x, long n, T value)
    {
        long i = 0;
        if (T.IsNaN(value))
        {
            for (; i <= n - S.Count; i += S.Count)
                if (S.Any(S.IsNaN(S.Load(x + i)))) break;
            while (i < n - 1 && !T.IsNaN(x[i])) i++;
            return i;
        }

        V wanted = S.Broadcast(value);
        for (; i <= n - 4 * S.Count; i += 4 * S.Count)
        {
            V first = S.Or(S.Equal(S.Load(x + i), wanted), S.Equal(S.Load(x + i + S.Count), wanted));
            V second = S.Or(S.Equal(S.Load(x + i + 2 * S.Count), wanted), S.Equal(S.Load(x + i + 3 * S.Count), wanted));
            if (S.Any(S.Or(first, second))) break;
        }

        for (; i <= n - S.Count; i += S.Count)
            if (S.Any(S.Equal(S.Load(x + i), wanted))) break;
        while (i < n - 1 && x[i] != value) i++;
        return i;
    }
}
