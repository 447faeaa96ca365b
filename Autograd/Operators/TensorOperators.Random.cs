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
    }

    private static DType Computed(DType dtype) => dtype is DType.Float16 or DType.BFloat16 ? DType.Float32 : dtype;

    private static Tensor Drawn(RandomOp op, DType dtype) => op.DType == dtype ? Tape.Apply(op) : Narrow(op, dtype);
}
