using Gradwright.Kernels;

namespace Gradwright;

public static partial class TensorOperators
{
    extension(Tensor x)
    {
        /// <summary>eˣ.</summary>
        public Tensor Exp() => Tape.Apply(Unary<Exp>.Instance, x);

        /// <summary>eˣ − 1, exact near 0.</summary>
        public Tensor Expm1() => Tape.Apply(Unary<Expm1>.Instance, x);

        /// <summary>ln x; −∞ at 0, NaN below.</summary>
        public Tensor Log() => Tape.Apply(Unary<Log>.Instance, x);

        /// <summary>ln(1 + x), exact near 0.</summary>
        public Tensor Log1p() => Tape.Apply(Unary<Log1p>.Instance, x);

        /// <summary>sin x, x in radians.</summary>
        public Tensor Sin() => Tape.Apply(Unary<Sine>.Instance, x);

        /// <summary>cos x, x in radians.</summary>
        public Tensor Cos() => Tape.Apply(Unary<Cosine>.Instance, x);

        /// <summary>tan x, x in radians.</summary>
        public Tensor Tan() => Tape.Apply(Unary<Tangent>.Instance, x);

        /// <summary>arcsin x, in radians; NaN outside ±1.</summary>
        public Tensor Asin() => Tape.Apply(Unary<ArcSine>.Instance, x);

        /// <summary>arccos x, in radians; NaN outside ±1.</summary>
        public Tensor Acos() => Tape.Apply(Unary<ArcCosine>.Instance, x);

        /// <summary>arctan x, in radians.</summary>
        public Tensor Atan() => Tape.Apply(Unary<ArcTangent>.Instance, x);

        /// <summary>The error function.</summary>
        public Tensor Erf() => Tape.Apply(Unary<Erf>.Instance, x);

        /// <summary>tanh x.</summary>
        public Tensor Tanh() => Tape.Apply(Unary<Tanh>.Instance, x);

        /// <summary>1/(1 + e⁻ˣ).</summary>
        public Tensor Sigmoid() => Tape.Apply(Unary<Sigmoid>.Instance, x);

        /// <summary>max(x, 0).</summary>
        public Tensor Relu() => Tape.Apply(Unary<Relu>.Instance, x);

        /// <summary>x where x &gt; 0, else slope · x.</summary>
        public Tensor LeakyRelu(double slope = 0.01) => Tape.Apply(new BinaryScalar<LeakyRelu>(slope, false), x);

        /// <summary>LeakyReLU with a learnt slope, broadcast against x (He et al. 2015).</summary>
        public Tensor PRelu(Tensor slope) => Tape.Apply(Binary<LeakyRelu>.Instance, x, slope);

        /// <summary>x where x &gt; 0, else α(eˣ − 1).</summary>
        /// <exception cref="ArgumentOutOfRangeException">α is not positive.</exception>
        public Tensor Elu(double alpha = 1)
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(alpha);
            return Tape.Apply(new BinaryScalar<Elu>(alpha, false), x);
        }

        /// <summary>The self-normalising ELU (Klambauer et al. 2017).</summary>
        public Tensor Selu() => 1.0507009873554804934193349852946 * x.Elu(1.6732632423543772848170429916717);

        /// <summary>ln(1 + eˣ).</summary>
        public Tensor Softplus() => Tape.Apply(Unary<Softplus>.Instance, x);

        /// <summary>x · Φ(x).</summary>
        public Tensor Gelu() => Tape.Apply(Unary<Gelu>.Instance, x);

        /// <summary>GELU through tanh, as it was first approximated.</summary>
        public Tensor GeluTanh() => Tape.Apply(Unary<GeluTanh>.Instance, x);

        /// <summary>x · sigmoid(x), also called swish.</summary>
        public Tensor Silu() => Tape.Apply(Unary<Silu>.Instance, x);

        /// <summary>x · sigmoid(βx) (Ramachandran et al. 2017): SiLU at β = 1, nearly ReLU for a large β.</summary>
        public Tensor Swish(double beta) => Tape.Apply(new BinaryScalar<Swish>(beta, false), x);

        /// <summary>x · sigmoid(βx) with a learnt β, broadcast against x.</summary>
        public Tensor Swish(Tensor beta) => Tape.Apply(Binary<Swish>.Instance, x, beta);

        /// <summary>x/6 + ½, limited to [0, 1]; its gradient is 1/6 between and 0 at and beyond the ends.</summary>
        public Tensor HardSigmoid() => Tape.Apply(Unary<HardSigmoid>.Instance, x);

        /// <summary>x · (x/6 + ½, limited to [0, 1]) (Howard et al. 2019).</summary>
        public Tensor HardSwish() => Tape.Apply(Unary<HardSwish>.Instance, x);

        /// <summary>x · tanh(ln(1 + eˣ)) (Misra 2019).</summary>
        public Tensor Mish() => Tape.Apply(Unary<Mish>.Instance, x);

        /// <summary>
        /// The largest of each unit's pieces: y[i] = maxⱼ x[i · pieces + j] along a dimension, whose length becomes a pieces-th (Goodfellow et al. 2013, "Maxout
        /// Networks"). Pieces that are largest together share the gradient equally.
        /// </summary>
        /// <param name="pieces">Neighbours that make up a unit.</param>
        /// <param name="axis">The dimension, the last by default; 1 for the channels of pictures.</param>
        /// <exception cref="ShapeException">The dimension's length is no multiple of the pieces.</exception>
        public Tensor Maxout(int pieces, int axis = -1)
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(pieces);
            int d = x.Shape.Axis(axis, nameof(Maxout));
            long length = x.Shape.Span[d];
            if (length % pieces != 0)
                throw new ShapeException($"Maxout: dimension {d} of x {x.Shape} has {length} elements, which are no whole number of units of {pieces} pieces. Make it {pieces} times the number of units.");
            using TensorScope scope = new();
            return TensorScope.Keep(x.Reshape((Shape)(long[])[.. x.Shape.Span[..d], length / pieces, pieces, .. x.Shape.Span[(d + 1)..]]).Max(d + 1));
        }
    }
}
