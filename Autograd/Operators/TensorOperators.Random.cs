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
        public Tensor Dropout(double p, Generator generator) => Tape.Apply(new Dropout(p, generator.Key, generator.Reserve(RandomOp.Blocks(x.Count))), x);
    }

    private static DType Computed(DType dtype) => dtype.IsHalf ? DType.Float32 : dtype;

    private static Tensor Drawn(RandomOp op, DType dtype) => op.DType == dtype ? Tape.Apply(op) : Narrow(op, dtype);
}
