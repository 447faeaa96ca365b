namespace Gradwright;

/// <summary>How many work groups of a kernel run; a group has the size that the kernel was compiled for.</summary>
/// <param name="X">Groups along x; the dimension that may be large.</param>
/// <param name="Y">Groups along y, at most 65,535.</param>
/// <param name="Z">Groups along z, at most 65,535.</param>
internal readonly record struct LaunchSize(long X, int Y = 1, int Z = 1)
{
    /// <summary>The most groups along y and along z.</summary>
    public const int MostYZ = 65535;

    /// <summary>As many groups as cover <paramref name="items"/> work items.</summary>
    public static LaunchSize Covering(long items, int groupSize) => new((items + groupSize - 1) / groupSize);

    public bool IsEmpty => X == 0 || Y == 0 || Z == 0;
}
