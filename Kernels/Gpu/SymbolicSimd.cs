using System.Globalization;
using System.Numerics;

namespace Gradwright.Kernels;

/// <summary>
/// The vector shape that computes nothing and writes everything down: a formula run in it becomes source in the kernels' dialect. So a GPU evaluates the same
/// operations in the same order as the CPU, and each formula stands in one place.
/// </summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>: formulas choose constants by it.</typeparam>
internal readonly unsafe struct SymbolicSimd<T> : ISimd<T, Symbol> where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public static int Count => 1;
    public static int Registers => 16;

    public static Symbol Constant(double value) => new(Literal(value));
    public static Symbol Broadcast(T value) => Constant(double.CreateTruncating(value));

    public static Symbol Add(Symbol a, Symbol b) => Value($"{a} + {b}");
    public static Symbol Subtract(Symbol a, Symbol b) => Value($"{a} - {b}");
    public static Symbol Multiply(Symbol a, Symbol b) => Value($"{a} * {b}");
    public static Symbol Divide(Symbol a, Symbol b) => Value($"{a} / {b}");
    public static Symbol Negate(Symbol a) => Value($"-{a}");
    public static Symbol Abs(Symbol a) => Value($"FABS({a})");
    public static Symbol Sqrt(Symbol a) => Value($"SQRT({a})");
    public static Symbol Fma(Symbol a, Symbol b, Symbol c) => Value($"FMA({a}, {b}, {c})");
    public static Symbol MultiplyAdd(Symbol a, Symbol b, Symbol c) => Fma(a, b, c);
    public static Symbol Max(Symbol a, Symbol b) => Value($"real_max({a}, {b})");
    public static Symbol Min(Symbol a, Symbol b) => Value($"real_min({a}, {b})");
    public static Symbol Floor(Symbol a) => Value($"FLOOR({a})");
    public static Symbol Ceiling(Symbol a) => Value($"CEIL({a})");
    public static Symbol Truncate(Symbol a) => Value($"TRUNC({a})");
    public static Symbol Round(Symbol a) => Value($"RINT({a})");
    public static Symbol Clamp(Symbol a, Symbol low, Symbol high) => Value($"real_clamp({a}, {low}, {high})");
    public static Symbol Scale(Symbol a, Symbol n) => Value($"real_scale({a}, {n})");
    public static Symbol ScaleNormal(Symbol a, Symbol n) => Scale(a, n);

    public static Symbol Split(Symbol a, out Symbol exponent)
    {
        string parts = SourceWriter.Current.Declare("RealParts", $"real_split({a})");
        exponent = new($"{parts}.exponent");
        return new($"{parts}.mantissa");
    }

    public static Symbol Equal(Symbol a, Symbol b) => Mask($"{a} == {b}");
    public static Symbol Less(Symbol a, Symbol b) => Mask($"{a} < {b}");
    public static Symbol LessOrEqual(Symbol a, Symbol b) => Mask($"{a} <= {b}");
    public static Symbol IsNaN(Symbol a) => Mask($"{a} != {a}");
    public static Symbol TestBit(Symbol a, int index) => Mask($"(WORD({a}) >> {index} & 1) != 0");

    public static Symbol Select(Symbol mask, Symbol yes, Symbol no)
        => yes.IsMask && no.IsMask ? Mask($"{mask} ? {yes} : {no}") : Value($"{mask} ? {AsValue(yes)} : {AsValue(no)}");

    public static Symbol And(Symbol a, Symbol b) => (a.IsMask, b.IsMask) switch
    {
        (true, true) => Mask($"{a} & {b}"),
        (true, false) => Value($"{a} ? {b} : R(0)"),
        (false, true) => Value($"{b} ? {a} : R(0)"),
        _ => Bits($"WORD({a}) & WORD({b})"),
    };

    public static Symbol AndNot(Symbol a, Symbol notB) => (a.IsMask, notB.IsMask) switch
    {
        (true, true) => Mask($"{a} & !{notB}"),
        (false, true) => Value($"{notB} ? R(0) : {a}"),
        (false, false) => Bits($"WORD({a}) & ~WORD({notB})"),
        _ => throw Mixed(nameof(AndNot)),
    };

    public static Symbol Or(Symbol a, Symbol b) => (a.IsMask, b.IsMask) switch
    {
        (true, true) => Mask($"{a} | {b}"),
        (false, false) => Bits($"WORD({a}) | WORD({b})"),
        _ => throw Mixed(nameof(Or)),
    };

    public static Symbol Xor(Symbol a, Symbol b) => (a.IsMask, b.IsMask) switch
    {
        (true, true) => Mask($"{a} ^ {b}"),
        (false, false) => Bits($"WORD({a}) ^ WORD({b})"),
        _ => throw Mixed(nameof(Xor)),
    };

    public static Symbol ShiftLeft(Symbol a, int count) => Bits($"WORD({a}) << {count}");

    public static Symbol Library<F>(Symbol x, Symbol y, Symbol mask) where F : struct, ILibraryFunction
        => Value($"{mask} ? {F.Source}({x}) : {y}");

    /// <summary>A number as the dialect writes it, exactly.</summary>
    public static string Literal(double value)
    {
        if (double.IsNaN(value)) return "NOT_A_NUMBER";
        if (double.IsInfinity(value)) return value > 0 ? "INFINITE" : "(-INFINITE)";
        string digits = typeof(T) == typeof(float)
            ? ((float)value).ToString("E8", CultureInfo.InvariantCulture) + "f"
            : value.ToString("E16", CultureInfo.InvariantCulture);
        return digits[0] == '-' ? $"({digits})" : digits;
    }

    public static bool Any(Symbol mask) => throw Unwritable(nameof(Any));
    public static Symbol Load(T* address) => throw Unwritable(nameof(Load));
    public static void Store(T* address, Symbol value) => throw Unwritable(nameof(Store));
    public static void StoreNonTemporal(T* address, Symbol value) => throw Unwritable(nameof(StoreNonTemporal));
    public static Symbol LoadPart(T* address, int n) => throw Unwritable(nameof(LoadPart));
    public static void StorePart(T* address, int n, Symbol value) => throw Unwritable(nameof(StorePart));
    public static T Sum(Symbol a) => throw Unwritable(nameof(Sum));
    public static void Transpose(T* src, nint srcStride, T* dst, nint dstStride) => throw Unwritable(nameof(Transpose));
    public static void Unzip(Symbol a, Symbol b, out Symbol even, out Symbol odd) => throw Unwritable(nameof(Unzip));
    public static void Zip(Symbol even, Symbol odd, out Symbol a, out Symbol b) => throw Unwritable(nameof(Zip));

    private static Symbol Value(string expression) => new(SourceWriter.Current.Declare("REAL", expression));
    private static Symbol Bits(string words) => Value($"FROM_WORD({words})");
    private static Symbol Mask(string expression) => new(SourceWriter.Current.Declare("int", expression), isMask: true);
    private static string AsValue(Symbol a) => a.IsMask ? throw Mixed(nameof(Select)) : a.Name;

    private static InvalidOperationException Mixed(string operation)
        => new($"{operation} of a mask and a number has no meaning outside vector registers; write it with Select.");

    private static InvalidOperationException Unwritable(string operation)
        => new($"{operation} moves lanes or memory: a formula that is also a kernel has only arithmetic.");
}
