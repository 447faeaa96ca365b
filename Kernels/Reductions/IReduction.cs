using System.Numerics;

namespace Gradwright.Kernels;

/// <summary>A fold of whole numbers and truth values, done in 64 bits.</summary>
public interface IIntegerFold
{
    /// <summary>The op's stable name.</summary>
    static abstract string Name { get; }

    /// <summary>False for a function of real numbers only.</summary>
    static virtual bool OnIntegers => false;

    /// <summary>The result for operands of an integer type.</summary>
    static virtual DType IntegerResult(DType operand) => operand;

    /// <summary>The fold of nothing.</summary>
    static virtual long IntegerNeutral => 0;

    static virtual long IntegerStep(long total, long x) => total;

    /// <summary><see cref="IntegerStep"/> as an expression of <c>total</c> and <c>x</c> (64-bit whole numbers) in the kernels' dialect.</summary>
    static virtual string IntegerSource => "total";

    /// <summary>The same for two totals, <c>total</c> and <c>x</c>, that become one.</summary>
    static virtual string IntegerCombineSource => "total";
}

/// <summary>
/// A fold of many numbers to one, written once for every vector shape and layout. It may take two passes: the first finds a
/// centre (a mean, a maximum) that the second one needs.
/// </summary>
public interface IReduction : IIntegerFold
{
    /// <summary>True when the fold of nothing does not exist.</summary>
    static virtual bool NeedsElements => false;

    static virtual bool TwoPasses => false;

    /// <summary>True when the backward pass wants the centre.</summary>
    static virtual bool KeepsCenter => false;

    /// <summary>What a pass starts with.</summary>
    static abstract V Neutral<T, V, S>(bool second) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>;

    /// <summary>One more element in each lane.</summary>
    static abstract V Step<T, V, S>(V total, V x, V center, bool second) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>;

    /// <summary>Two totals of one pass become one.</summary>
    static abstract V Combine<T, V, S>(V a, V b, bool second) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>;

    /// <summary>The centre, from the first pass's total.</summary>
    static virtual V Center<T, V, S>(V total, V count) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => total;

    /// <summary>The result, from the last pass's total.</summary>
    static virtual V Finish<T, V, S>(V total, V center, V count, V parameter) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => total;
}
