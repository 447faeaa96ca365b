namespace Gradwright.Kernels;

/// <summary>
/// One vector shape of one element type: every loop and every formula is written once against it and specialised by a
/// struct type parameter, which the JIT inlines. Lanes are independent; a mask has all bits of a lane set or clear.
/// </summary>
/// <typeparam name="T">The element, <see cref="float"/> or <see cref="double"/>.</typeparam>
/// <typeparam name="V">The register: a <c>Vector512</c>, <c>256</c> or <c>128</c> of <typeparamref name="T"/>, or <typeparamref name="T"/> itself.</typeparam>
public unsafe interface ISimd<T, V> where T : unmanaged where V : struct
{
    /// <summary>Number of lanes.</summary>
    static abstract int Count { get; }

    /// <summary>Architectural vector registers: 32 with AVX-512, else 16.</summary>
    static abstract int Registers { get; }

    static abstract V Load(T* address);
    static abstract void Store(T* address, V value);

    /// <summary>Stores past the caches; <paramref name="address"/> must be aligned to the vector's size.</summary>
    static abstract void StoreNonTemporal(T* address, V value);

    /// <summary>Loads lanes 0..n-1 and touches no other byte; the other lanes are zero. 0 ≤ n ≤ Count.</summary>
    static abstract V LoadPart(T* address, int n);

    /// <summary>Stores lanes 0..n-1 and touches no other byte. 0 ≤ n ≤ Count.</summary>
    static abstract void StorePart(T* address, int n, V value);

    static abstract V Broadcast(T value);

    /// <summary>A constant of the formula, rounded to <typeparamref name="T"/>.</summary>
    static abstract V Constant(double value);

    static abstract V Add(V a, V b);
    static abstract V Subtract(V a, V b);
    static abstract V Multiply(V a, V b);
    static abstract V Divide(V a, V b);
    static abstract V Negate(V a);
    static abstract V Abs(V a);
    static abstract V Sqrt(V a);

    /// <summary>a · b + c with one rounding on every machine (a library call where the machine has no such instruction).</summary>
    static abstract V Fma(V a, V b, V c);

    /// <summary>a · b + c in the machine's fastest form, with one rounding or two.</summary>
    static abstract V MultiplyAdd(V a, V b, V c);

    /// <summary>IEEE 754-2019 maximum: NaN if either is NaN, +0 above −0.</summary>
    static abstract V Max(V a, V b);

    /// <summary>IEEE 754-2019 minimum: NaN if either is NaN, −0 below +0.</summary>
    static abstract V Min(V a, V b);

    static abstract V Floor(V a);
    static abstract V Ceiling(V a);
    static abstract V Truncate(V a);

    /// <summary>To the nearest integer, halves to even.</summary>
    static abstract V Round(V a);

    static abstract V Equal(V a, V b);
    static abstract V Less(V a, V b);
    static abstract V LessOrEqual(V a, V b);
    static abstract V IsNaN(V a);

    /// <summary>Lane by lane: <paramref name="yes"/> where the mask is set, else <paramref name="no"/>.</summary>
    static abstract V Select(V mask, V yes, V no);
    static abstract V And(V a, V b);
    static abstract V Or(V a, V b);
    static abstract V AndNot(V a, V notB);
    static abstract V Xor(V a, V b);
    static abstract bool Any(V mask);

    /// <summary>low ≤ a ≤ high; a NaN stays. The bounds are not +0; above a lower bound of −0 lies +0.</summary>
    static abstract V Clamp(V a, V low, V high);

    /// <summary>a · 2ⁿ, rounded once if 1 ≤ |a| &lt; 2, for an integral n (held as a floating-point number) up to twice the format's exponents.</summary>
    static abstract V Scale(V a, V n);

    /// <summary>The same where a, 2ⁿ and the result are normal numbers, or a is NaN: cheaper without AVX-512.</summary>
    static abstract V ScaleNormal(V a, V n);

    /// <summary>
    /// Splits a = m · 2ᵉ with ¾ ≤ m &lt; 1½, so that numbers near 1 have e = 0; e is a floating-point number. Takes subnormals.
    /// ±0 gives (1, −∞), +∞ gives (1, +∞); a negative number or NaN gives m = NaN.
    /// </summary>
    static abstract V Split(V a, out V exponent);

    /// <summary>The mask of the lanes whose bit pattern has bit <paramref name="index"/> set.</summary>
    static abstract V TestBit(V a, int index);

    /// <summary>Shifts each lane's bit pattern.</summary>
    static abstract V ShiftLeft(V a, int count);

    /// <summary>y, with the masked lanes replaced by a function of x that the platform's library computes.</summary>
    static abstract V Library<F>(V x, V y, V mask) where F : struct, ILibraryFunction;

    /// <summary>The sum of the lanes, by halves (the order is fixed).</summary>
    static abstract T Sum(V a);

    /// <summary>dst[j · dstStride + i] = src[i · srcStride + j] for i, j in 0..Count-1; strides in elements.</summary>
    static abstract void Transpose(T* src, nint srcStride, T* dst, nint dstStride);

    /// <summary>Lanes 0, 2, 4, … and lanes 1, 3, 5, … of a followed by b.</summary>
    static abstract void Unzip(V a, V b, out V even, out V odd);

    /// <summary>The inverse of <see cref="Unzip"/>: even₀, odd₀, even₁, odd₁, …</summary>
    static abstract void Zip(V even, V odd, out V a, out V b);
}
