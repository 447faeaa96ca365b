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

        /// <summary>−x.</summary>
        public static Tensor operator -(Tensor a) => Tape.Apply(Unary<Negate>.Instance, a);

        /// <summary>max(x, 0).</summary>
        public Tensor Relu() => Tape.Apply(Unary<Relu>.Instance, x);

        /// <summary>The same values in fresh, row-major memory.</summary>
        public Tensor Copy() => Tape.Apply(new Copy(), x);

        /// <summary>The same memory as a constant: nothing that follows is differentiated back to here.</summary>
        public Tensor Detach() => x.Alias();
    }
}
