using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>A function that the platform's library computes, one number at a time.</summary>
public interface ILibraryFunction
{
    static abstract double Of(double x);

    /// <summary>Its name in the kernels' dialect.</summary>
    static abstract string Source { get; }
}

/// <summary>The way out of a vector for numbers that no vector code handles.</summary>
internal static class LibraryLanes
{
    /// <summary>y, with the masked lanes replaced by F(x) computed in double, lane by lane.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static V Replace<T, V, S, F>(V x, V y, V mask)
        where T : unmanaged where V : struct where S : struct, ISimd<T, V> where F : struct, ILibraryFunction
    {
        V computed = x;
        ref T lanes = ref Unsafe.As<V, T>(ref computed);
        for (int i = 0; i < S.Count; i++)
        {
            ref T lane = ref Unsafe.Add(ref lanes, i);
            if (typeof(T) == typeof(float)) Unsafe.As<T, float>(ref lane) = (float)F.Of(Unsafe.As<T, float>(ref lane));
            else Unsafe.As<T, double>(ref lane) = F.Of(Unsafe.As<T, double>(ref lane));
        }

        return S.Select(mask, computed, y);
    }
}
