using Gradwright.Kernels;

namespace Gradwright;

/// <summary>What can be computed with tensors: every member is recorded by the tape.</summary>
public static partial class TensorOperators
{
    extension(Tensor x)
    {
        /// <summary>a + b, broadcast.</summary>
        public static Tensor operator +(Tensor a, Tensor b) => Tape.Apply(Binary<Add>.Instance, a, b);

        /// <summary>a + c; the number takes the tensor's element type.</summary>
        public static Tensor operator +(Tensor a, double c) => Tape.Apply(new BinaryScalar<Add>(c, false), a);

        /// <summary>c + a.</summary>
        public static Tensor operator +(double c, Tensor a) => a + c;

        /// <summary>a − b, broadcast.</summary>
        public static Tensor operator -(Tensor a, Tensor b) => Tape.Apply(Binary<Subtract>.Instance, a, b);

        /// <summary>a − c.</summary>
        public static Tensor operator -(Tensor a, double c) => Tape.Apply(new BinaryScalar<Subtract>(c, false), a);

        /// <summary>c − a.</summary>
        public static Tensor operator -(double c, Tensor a) => Tape.Apply(new BinaryScalar<Subtract>(c, true), a);

        /// <summary>a · b, element by element, broadcast.</summary>
        public static Tensor operator *(Tensor a, Tensor b) => Tape.Apply(Binary<Multiply>.Instance, a, b);

        /// <summary>a · c.</summary>
        public static Tensor operator *(Tensor a, double c) => Tape.Apply(new BinaryScalar<Multiply>(c, false), a);

        /// <summary>c · a.</summary>
        public static Tensor operator *(double c, Tensor a) => a * c;

        /// <summary>a / b, broadcast; the quotient towards 0 for integers.</summary>
        public static Tensor operator /(Tensor a, Tensor b) => Tape.Apply(Binary<Divide>.Instance, a, b);

        /// <summary>a / c.</summary>
        public static Tensor operator /(Tensor a, double c) => Tape.Apply(new BinaryScalar<Divide>(c, false), a);

        /// <summary>c / a.</summary>
        public static Tensor operator /(double c, Tensor a) => Tape.Apply(new BinaryScalar<Divide>(c, true), a);

        /// <summary>a − b·⌊a/b⌋, broadcast: takes the sign of b.</summary>
        public static Tensor operator %(Tensor a, Tensor b) => Tape.Apply(Binary<Remainder>.Instance, a, b);

        /// <summary>a − c·⌊a/c⌋.</summary>
        public static Tensor operator %(Tensor a, double c) => Tape.Apply(new BinaryScalar<Remainder>(c, false), a);

        /// <summary>x + value · b · c, element by element, broadcast: one pass over memory instead of two or three. Floating-point tensors only.</summary>
        /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
        /// <exception cref="DTypeException">The element types differ, or are no floating-point ones.</exception>
        public Tensor AddProduct(Tensor b, Tensor c, double value = 1) => Tape.Apply(value == 1 ? Kernels.AddProduct.Plain : new AddProduct(value), x, b, c);

        /// <summary>−x.</summary>
        public static Tensor operator -(Tensor a) => Tape.Apply(Unary<Negate>.Instance, a);

        /// <summary>The larger of x and b, broadcast; NaN if either is NaN. Equal elements share the gradient.</summary>
        public Tensor Maximum(Tensor b) => Tape.Apply(Binary<Maximum>.Instance, x, b);

        /// <summary>max(x, c).</summary>
        public Tensor Maximum(double c) => Tape.Apply(new BinaryScalar<Maximum>(c, false), x);

        /// <summary>The smaller of x and b, broadcast; NaN if either is NaN. Equal elements share the gradient.</summary>
        public Tensor Minimum(Tensor b) => Tape.Apply(Binary<Minimum>.Instance, x, b);

        /// <summary>min(x, c).</summary>
        public Tensor Minimum(double c) => Tape.Apply(new BinaryScalar<Minimum>(c, false), x);

        /// <summary>x limited to [low, high]; NaN stays.</summary>
        /// <exception cref="ArgumentException">low is above high.</exception>
        public Tensor Clamp(double low = double.NegativeInfinity, double high = double.PositiveInfinity)
        {
            if (!(low <= high)) throw new ArgumentException($"Clamp: the lower limit {low} is above the upper limit {high}.");
            Tensor atLeast = double.IsNegativeInfinity(low) ? x : x.Maximum(low);
            return double.IsPositiveInfinity(high) ? atLeast : atLeast.Minimum(high);
        }

        /// <summary>xᵇ, broadcast.</summary>
        public Tensor Pow(Tensor b) => Tape.Apply(Binary<Power>.Instance, x, b);

        /// <summary>xᶜ.</summary>
        public Tensor Pow(double c) => c switch
        {
            1 => x + 0,
            2 => x.Square(),
            0.5 => x.Sqrt(),
            -0.5 => x.Rsqrt(),
            _ => Tape.Apply(new BinaryScalar<Power>(c, false), x),
        };

        /// <summary>x · ln b, and 0 where x = 0.</summary>
        public Tensor XLogY(Tensor b) => Tape.Apply(Binary<XLogY>.Instance, x, b);

        /// <summary>|x|; the slope at 0 is taken as 0.</summary>
        public Tensor Abs() => Tape.Apply(Unary<Absolute>.Instance, x);

        /// <summary>x².</summary>
        public Tensor Square() => Tape.Apply(Unary<Square>.Instance, x);

        /// <summary>√x; NaN below 0.</summary>
        public Tensor Sqrt() => Tape.Apply(Unary<SquareRoot>.Instance, x);

        /// <summary>1/√x.</summary>
        public Tensor Rsqrt() => Tape.Apply(Unary<ReciprocalSquareRoot>.Instance, x);

        /// <summary>1/x.</summary>
        public Tensor Reciprocal() => 1 / x;

        /// <summary>−1, 0 or 1.</summary>
        public Tensor Sign() => Tape.Apply(Unary<Sign>.Instance, x);

        /// <summary>The largest integer not above x.</summary>
        public Tensor Floor() => Tape.Apply(Unary<Floor>.Instance, x);

        /// <summary>The smallest integer not below x.</summary>
        public Tensor Ceiling() => Tape.Apply(Unary<Ceiling>.Instance, x);

        /// <summary>The integer part, towards 0.</summary>
        public Tensor Truncate() => Tape.Apply(Unary<Truncate>.Instance, x);

        /// <summary>The nearest integer, halves to even.</summary>
        public Tensor Round() => Tape.Apply(Unary<Round>.Instance, x);

        /// <summary>The same values in fresh, row-major memory.</summary>
        public Tensor Copy() => Tape.Apply(new Copy(), x);

        /// <summary>The same memory as a constant: nothing that follows is differentiated back to here.</summary>
        public Tensor Detach() => x.Alias();
    }
}
