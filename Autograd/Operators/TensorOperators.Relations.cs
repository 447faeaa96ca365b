using Gradwright.Kernels;

namespace Gradwright;

public static partial class TensorOperators
{
    extension(Tensor x)
    {
        /// <summary>a &lt; b, broadcast → Bool; false for NaN.</summary>
        public static Tensor operator <(Tensor a, Tensor b) => Tape.Apply(Compare<Less>.Instance, a, b);

        /// <summary>a &gt; b, broadcast → Bool; false for NaN.</summary>
        public static Tensor operator >(Tensor a, Tensor b) => Tape.Apply(Compare<Less>.Instance, b, a);

        /// <summary>a ≤ b, broadcast → Bool; false for NaN.</summary>
        public static Tensor operator <=(Tensor a, Tensor b) => Tape.Apply(Compare<LessOrEqual>.Instance, a, b);

        /// <summary>a ≥ b, broadcast → Bool; false for NaN.</summary>
        public static Tensor operator >=(Tensor a, Tensor b) => Tape.Apply(Compare<LessOrEqual>.Instance, b, a);

        /// <summary>a &lt; c → Bool.</summary>
        public static Tensor operator <(Tensor a, double c) => Tape.Apply(new CompareScalar<Less>(c, false), a);

        /// <summary>a &gt; c → Bool.</summary>
        public static Tensor operator >(Tensor a, double c) => Tape.Apply(new CompareScalar<Less>(c, true), a);

        /// <summary>a ≤ c → Bool.</summary>
        public static Tensor operator <=(Tensor a, double c) => Tape.Apply(new CompareScalar<LessOrEqual>(c, false), a);

        /// <summary>a ≥ c → Bool.</summary>
        public static Tensor operator >=(Tensor a, double c) => Tape.Apply(new CompareScalar<LessOrEqual>(c, true), a);

        /// <summary>Where x equals b, broadcast → Bool.</summary>
        public Tensor EqualTo(Tensor b) => Tape.Apply(Compare<Equal>.Instance, x, b);

        /// <summary>Where x equals c → Bool.</summary>
        public Tensor EqualTo(double c) => Tape.Apply(new CompareScalar<Equal>(c, false), x);

        /// <summary>Where x differs from b, broadcast → Bool; on Bool tensors the exclusive or.</summary>
        public Tensor NotEqualTo(Tensor b) => Tape.Apply(Compare<NotEqual>.Instance, x, b);

        /// <summary>Where x differs from c → Bool.</summary>
        public Tensor NotEqualTo(double c) => Tape.Apply(new CompareScalar<NotEqual>(c, false), x);

        /// <summary>Where x is NaN → Bool.</summary>
        public Tensor IsNaN() => Tape.Apply(new CompareScalar<NotANumber>(0, false), x);

        /// <summary>Where x is neither infinite nor NaN → Bool.</summary>
        public Tensor IsFinite() => Tape.Apply(new CompareScalar<Finite>(0, false), x);

        /// <summary>Where both are not 0, broadcast → Bool.</summary>
        public static Tensor operator &(Tensor a, Tensor b) => Tape.Apply(Compare<LogicalAnd>.Instance, a, b);

        /// <summary>Where either is not 0, broadcast → Bool.</summary>
        public static Tensor operator |(Tensor a, Tensor b) => Tape.Apply(Compare<LogicalOr>.Instance, a, b);

        /// <summary>Where exactly one of two Bool tensors is true → Bool.</summary>
        public static Tensor operator ^(Tensor a, Tensor b) => a.NotEqualTo(b);

        /// <summary>Where x is 0 (false) → Bool.</summary>
        public static Tensor operator !(Tensor a) => a.EqualTo(0);
    }
}
