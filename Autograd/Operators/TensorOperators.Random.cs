using Gradwright.Kernels;

namespace Gradwright;

public static partial class TensorOperators
{
    extension(Tensor)
    {
        /// <summary>Numbers spread evenly over [low, high): 24 random bits each in Float32, 32 in Float64.</summary>
        public static Tensor Uniform(Shape shape, Generator generator, double low = 0, double high = 1, DType dtype = DType.Float32)
            => Drawn(new RandomUniform(shape, low, high, Computed(dtype), generator.Key, generator.Reserve(RandomOp.Blocks(shape.Count))), dtype);

        /// <summary>Normally distributed numbers. Every accelerator makes the same bits.</summary>
        public static Tensor Normal(Shape shape, Generator generator, double mean = 0, double standardDeviation = 1, DType dtype = DType.Float32)
            => Drawn(new RandomNormal(shape, mean, standardDeviation, Computed(dtype), generator.Key, generator.Reserve(RandomOp.Blocks(shape.Count))), dtype);

        /// <summary>1 (or true) with probability p, else 0.</summary>
        public static Tensor Bernoulli(Shape shape, Generator generator, double p = 0.5, DType dtype = DType.Float32)
            => Drawn(new RandomBernoulli(shape, p, Computed(dtype), generator.Key, generator.Reserve(RandomOp.Blocks(shape.Count))), dtype);

        /// <summary>Int64 numbers from low up to, but not including, high, all equally likely.</summary>
        public static Tensor RandomIntegers(Shape shape, Generator generator, long low, long high)
            => Tape.Apply(new RandomIntegers(shape, low, high, generator.Key, generator.Reserve(RandomOp.WideBlocks(shape.Count))));

        /// <summary>The numbers 0 .. length − 1 in random order: Int64.</summary>
        public static Tensor Permutation(long length, Generator generator)
            => Tape.Apply(new RandomPermutation(length, generator.Key, generator.Reserve(length)));

        /// <summary>−ln(−ln u) of uniform numbers u: Gumbel's distribution. The largest of logits plus such numbers stands at class c with probability softmax(logits)_c.</summary>
        public static Tensor Gumbel(Shape shape, Generator generator, DType dtype = DType.Float32)
        {
            // With v = 1 − u below 1, −ln(1 − v) is finite; where it is 0 it counts as half of the smallest step.
            using TensorScope scope = new();
            Tensor waits = -(-Tensor.Uniform(shape, generator, dtype: Computed(dtype))).Log1p();
            return TensorScope.Keep((-waits.Maximum(0.5 / (1 << 24)).Log()).Cast(dtype));
        }
    }

    extension(Tensor x)
    {
        /// <summary>
        /// Zeros elements with probability p and divides the others by 1 − p, so that the expected value stays (Srivastava et al. 2014). For training; in
        /// evaluation leave it out. The backward pass draws the same mask again instead of keeping it.
        /// </summary>
        /// <param name="p">Probability of a zero.</param>
        /// <param name="generator">Decides.</param>
        /// <param name="scaled">Whether the others are divided by 1 − p; false leaves them as they are, and evaluation has to multiply by 1 − p instead.</param>
        public Tensor Dropout(double p, Generator generator, bool scaled = true)
            => Tape.Apply(new Dropout(p, generator.Key, generator.Reserve(RandomOp.Blocks(x.Count))) { Scaled = scaled }, x);

        /// <summary>
        /// x + <c>y.Dropout(p, generator)</c>, the sum of a residual connection, in one pass over both and with the same bits. Backwards the gradient goes to x as it is, and in one
        /// pass through the mask, drawn again, to y.
        /// </summary>
        /// <param name="y">What is dropped from, of x's shape.</param>
        /// <param name="p">Probability of a zero.</param>
        /// <param name="generator">Decides.</param>
        /// <param name="scaled">Whether what is left of y is divided by 1 − p.</param>
        /// <exception cref="ShapeException">The shapes differ.</exception>
        public Tensor AddDropout(Tensor y, double p, Generator generator, bool scaled = true)
        {
            ArgumentNullException.ThrowIfNull(y);
            ArgumentNullException.ThrowIfNull(generator);
            return Tape.Apply(new Dropout(p, generator.Key, generator.Reserve(RandomOp.Blocks(y.Count))) { Scaled = scaled }, y, x);
        }

        /// <summary>
        /// Dropout of whole slices: one draw for each place in the leading dimensions, so that with 2 of them whole channels of [n, c, …] vanish (Tompson et al. 2015),
        /// with 1 whole samples. What is left is divided by 1 − p.
        /// </summary>
        /// <param name="p">Probability of a zero.</param>
        /// <param name="generator">Decides.</param>
        /// <param name="dimensions">How many leading dimensions tell slices apart.</param>
        /// <exception cref="ShapeException">There are not so many dimensions.</exception>
        public Tensor DropoutSlices(double p, Generator generator, int dimensions)
        {
            if (dimensions < 1 || dimensions > x.Rank)
                throw new ShapeException($"DropoutSlices: x {x.Shape} does not have {dimensions} leading dimensions that tell slices apart; give 1 to {x.Rank}.");
            using TensorScope scope = new();
            Tensor slices = Tensor.Ones((long[])[.. x.Shape.Span[..dimensions], .. Enumerable.Repeat(1L, x.Rank - dimensions)], x.DType, x.Accelerator);
            return TensorScope.Keep(x * slices.Dropout(p, generator));
        }

        /// <summary>
        /// Draws categories with these weights, which are not negative but need not sum to 1: [.., C] → Int64 [.., count]. Every accelerator draws the same ones.
        /// No gradient passes.
        /// </summary>
        /// <param name="count">Draws for each row of weights.</param>
        /// <param name="generator">The stream.</param>
        /// <param name="replacement">Whether a category may be drawn again; if not, draws follow each other as if each removed its category (Efraimidis and Spirakis 2006).</param>
        /// <exception cref="ArgumentException">A weight is negative, infinite or NaN, or too few are positive.</exception>
        public Tensor Multinomial(long count, Generator generator, bool replacement = true)
        {
            ArgumentNullException.ThrowIfNull(generator);
            return Tape.Apply(new Multinomial(count, replacement, generator.Key, generator.Reserve(Kernels.Multinomial.Blocks(x.Shape, count, replacement))), x);
        }

        /// <summary>Draws one class per row from softmax(logits / temperature): [.., C] → Int64 [..]. At temperature 0 it is the largest logit's.</summary>
        /// <param name="generator">The stream.</param>
        /// <param name="temperature">Below 1 the likely classes become more likely, above 1 less.</param>
        /// <exception cref="ArgumentException">The temperature is negative, or a row has no finite logit.</exception>
        public Tensor Categorical(Generator generator, double temperature = 1)
        {
            if (!(temperature >= 0)) throw new ArgumentException($"Categorical: the temperature is {temperature}, but must be 0 (the most likely class) or more.");
            if (temperature == 0) return x.ArgMax(-1);
            using TensorScope scope = new();
            using Tape.Pause pause = Tape.NoRecord();
            Tensor weights = ((x - x.Max(-1, keepDimensions: true)) * (1 / temperature)).Exp();
            return TensorScope.Keep(weights.Multinomial(1, generator).Squeeze(-1));
        }

        /// <summary>
        /// softmax((logits + Gumbel noise) / temperature) along the last dimension: nearly one-hot draws from softmax(logits) that gradients pass through
        /// (Jang, Gu and Poole 2017; Maddison, Mnih and Teh 2017).
        /// </summary>
        /// <param name="generator">The stream.</param>
        /// <param name="temperature">The smaller, the nearer to one-hot, and the more the gradients vary.</param>
        /// <param name="hard">Make it exactly one-hot; the gradient stays that of the softmax ("straight through").</param>
        public Tensor GumbelSoftmax(Generator generator, double temperature = 1, bool hard = false)
        {
            if (!(temperature > 0)) throw new ArgumentException($"GumbelSoftmax: the temperature is {temperature}, but must be positive.");
            using TensorScope scope = new();
            Tensor noise = Tensor.Gumbel(x.Shape, generator, x.DType).To(x.Accelerator), soft = ((x + noise) * (1 / temperature)).Softmax();
            return TensorScope.Keep(hard ? soft.ArgMax(-1).OneHot(x.Shape[^1], x.DType) - soft.Detach() + soft : soft);
        }
    }

    private static DType Computed(DType dtype) => dtype.IsHalf ? DType.Float32 : dtype;

    private static Tensor Drawn(RandomOp op, DType dtype) => op.DType == dtype ? Tape.Apply(op) : Narrow(op, dtype);
}
