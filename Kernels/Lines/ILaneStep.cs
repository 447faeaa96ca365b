using System.Numerics;

namespace Gradwright.Kernels;

/// <summary>What happens at one step of a <see cref="LaneWalk"/>: up to two operands, two totals, four constants per line, one result.</summary>
internal interface ILaneStep
{
    /// <summary>Whether the second operand is read.</summary>
    static virtual bool ReadsSecond => false;

    /// <summary>Whether the result is stored.</summary>
    static virtual bool Writes => false;

    /// <summary>What the totals start with.</summary>
    static virtual double Neutral => 0;

    static abstract V Step<T, V, S>(V a, V b, in LaneConstants<V> c, ref V s0, ref V s1) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>;

    /// <summary>Totals of two parts of a line become one.</summary>
    static virtual V Merge<T, V, S>(V a, V b) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> => S.Add(a, b);
}

/// <summary>Numbers that stay the same along a line.</summary>
internal readonly record struct LaneConstants<V>(V C0, V C1, V C2, V C3) where V : struct;
