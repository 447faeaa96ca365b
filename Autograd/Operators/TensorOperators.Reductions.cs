using Gradwright.Kernels;

namespace Gradwright;

public static partial class TensorOperators
{
    extension(Tensor x)
    {
        /// <summary>The sum of all elements, a scalar. Integers and truth values are summed as Int64.</summary>
        public Tensor Sum() => Tape.Apply(Reduce<Sum>.Whole(x.Rank), x);

        /// <summary>The sum along a dimension; negative counts from the end.</summary>
        public Tensor Sum(int axis, bool keepDimensions = false) => x.Reduced<Sum>([axis], keepDimensions);

        /// <summary>The sums along several dimensions: <c>x.Sum([0, 2, 3])</c>.</summary>
        public Tensor Sum(ReadOnlySpan<int> axes, bool keepDimensions = false) => x.Reduced<Sum>(axes, keepDimensions);

        /// <summary>The mean of all elements, a scalar. NaN if there are none.</summary>
        public Tensor Mean() => Tape.Apply(Reduce<Mean>.Whole(x.Rank), x);

        /// <summary>The mean along a dimension; negative counts from the end.</summary>
        public Tensor Mean(int axis, bool keepDimensions = false) => x.Reduced<Mean>([axis], keepDimensions);

        /// <summary>The means along several dimensions.</summary>
        public Tensor Mean(ReadOnlySpan<int> axes, bool keepDimensions = false) => x.Reduced<Mean>(axes, keepDimensions);

        /// <summary>The largest element, NaN if one is NaN. Elements that are largest together share the gradient equally.</summary>
        public Tensor Max() => Tape.Apply(Reduce<Max>.Whole(x.Rank), x);

        /// <summary>The largest elements along a dimension; negative counts from the end.</summary>
        public Tensor Max(int axis, bool keepDimensions = false) => x.Reduced<Max>([axis], keepDimensions);

        /// <summary>The largest elements along several dimensions.</summary>
        public Tensor Max(ReadOnlySpan<int> axes, bool keepDimensions = false) => x.Reduced<Max>(axes, keepDimensions);

        /// <summary>The smallest element, NaN if one is NaN. Elements that are smallest together share the gradient equally.</summary>
        public Tensor Min() => Tape.Apply(Reduce<Min>.Whole(x.Rank), x);

        /// <summary>The smallest elements along a dimension; negative counts from the end.</summary>
        public Tensor Min(int axis, bool keepDimensions = false) => x.Reduced<Min>([axis], keepDimensions);

        /// <summary>The smallest elements along several dimensions.</summary>
        public Tensor Min(ReadOnlySpan<int> axes, bool keepDimensions = false) => x.Reduced<Min>(axes, keepDimensions);

        /// <summary>The product of all elements, a scalar. Integers are multiplied as Int64.</summary>
        public Tensor Prod() => Tape.Apply(Reduce<Prod>.Whole(x.Rank), x);

        /// <summary>The products along a dimension; negative counts from the end.</summary>
        public Tensor Prod(int axis, bool keepDimensions = false) => x.Reduced<Prod>([axis], keepDimensions);

        /// <summary>The products along several dimensions.</summary>
        public Tensor Prod(ReadOnlySpan<int> axes, bool keepDimensions = false) => x.Reduced<Prod>(axes, keepDimensions);

        /// <summary>
        /// Σ (x − mean)² / (n − correction), along a dimension or over all elements. A correction of 1 estimates the variance of what the numbers were drawn
        /// from, 0 is the variance of just these numbers.
        /// </summary>
        public Tensor Variance(int? axis = null, double correction = 1, bool keepDimensions = false)
            => x.Variance(axis is { } one ? [one] : AllAxes(x), correction, keepDimensions);

        /// <summary>The variances along several dimensions.</summary>
        public Tensor Variance(ReadOnlySpan<int> axes, double correction = 1, bool keepDimensions = false)
            => Tape.Apply(new Reduce<Variance>(x.NormalizeAxes(axes, nameof(Variance)), keepDimensions) { Parameter = correction }, x);

        /// <summary>The square root of the variance along a dimension or of all elements.</summary>
        public Tensor StandardDeviation(int? axis = null, double correction = 1, bool keepDimensions = false)
            => Tape.Apply(Unary<SquareRoot>.Instance, x.Variance(axis, correction, keepDimensions));

        /// <summary>The standard deviations along several dimensions.</summary>
        public Tensor StandardDeviation(ReadOnlySpan<int> axes, double correction = 1, bool keepDimensions = false)
            => Tape.Apply(Unary<SquareRoot>.Instance, x.Variance(axes, correction, keepDimensions));

        /// <summary>ln Σ eˣ over all elements, without overflow.</summary>
        public Tensor LogSumExp() => Tape.Apply(Reduce<LogSumExp>.Whole(x.Rank), x);

        /// <summary>ln Σ eˣ along a dimension; negative counts from the end.</summary>
        public Tensor LogSumExp(int axis, bool keepDimensions = false) => x.Reduced<LogSumExp>([axis], keepDimensions);

        /// <summary>ln Σ eˣ along several dimensions.</summary>
        public Tensor LogSumExp(ReadOnlySpan<int> axes, bool keepDimensions = false) => x.Reduced<LogSumExp>(axes, keepDimensions);

        /// <summary>(Σ |x|ᵖ)^(1/p) along a dimension or over all elements, p > 0; p = +∞ gives the largest |x|. The gradient at a zero vector is 0.</summary>
        public Tensor Norm(int? axis = null, double p = 2, bool keepDimensions = false) => x.Norm(axis is { } one ? [one] : AllAxes(x), p, keepDimensions);

        /// <summary>The norms along several dimensions.</summary>
        public Tensor Norm(ReadOnlySpan<int> axes, double p = 2, bool keepDimensions = false) => p switch
        {
            2 => x.Reduced<EuclideanNorm>(axes, keepDimensions),
            1 => x.Abs().Sum(axes, keepDimensions),
            double.PositiveInfinity => x.Abs().Max(axes, keepDimensions),
            > 0 => PowerNorm(x.Abs(), axes, p, keepDimensions),
            _ => throw new ArgumentOutOfRangeException(nameof(p), p, "Norm: p must be positive; double.PositiveInfinity gives the largest |x|. CountNonzero() counts what is not 0."),
        };

        /// <summary>Where the largest element stands, counted row-major, as Int64: the first of several; the first NaN if there is one.</summary>
        public Tensor ArgMax() => x.Reshape(-1).ArgMax(0);

        /// <summary>Where along a dimension the largest element stands, as Int64.</summary>
        public Tensor ArgMax(int axis, bool keepDimensions = false) => Tape.Apply(new ArgReduce<Max>(x.Shape.Axis(axis), keepDimensions), x);

        /// <summary>Where the smallest element stands, counted row-major, as Int64: the first of several; the first NaN if there is one.</summary>
        public Tensor ArgMin() => x.Reshape(-1).ArgMin(0);

        /// <summary>Where along a dimension the smallest element stands, as Int64.</summary>
        public Tensor ArgMin(int axis, bool keepDimensions = false) => Tape.Apply(new ArgReduce<Min>(x.Shape.Axis(axis), keepDimensions), x);

        /// <summary>Whether some element is not 0, as Bool.</summary>
        public Tensor Any() => Tape.Apply(new ReduceTruth<Any>(AllAxes(x), false), x);

        /// <summary>Whether some element along a dimension is not 0.</summary>
        public Tensor Any(int axis, bool keepDimensions = false) => Tape.Apply(new ReduceTruth<Any>([x.Shape.Axis(axis)], keepDimensions), x);

        /// <summary>Whether no element is 0, as Bool.</summary>
        public Tensor All() => Tape.Apply(new ReduceTruth<All>(AllAxes(x), false), x);

        /// <summary>Whether no element along a dimension is 0.</summary>
        public Tensor All(int axis, bool keepDimensions = false) => Tape.Apply(new ReduceTruth<All>([x.Shape.Axis(axis)], keepDimensions), x);

        /// <summary>The number of elements that are not 0, as Int64.</summary>
        public Tensor CountNonzero() => Tape.Apply(new ReduceTruth<CountNonzero>(AllAxes(x), false), x);

        /// <summary>The number of elements along a dimension that are not 0.</summary>
        public Tensor CountNonzero(int axis, bool keepDimensions = false) => Tape.Apply(new ReduceTruth<CountNonzero>([x.Shape.Axis(axis)], keepDimensions), x);

        /// <summary>Dimensions as an op stores them: not negative, ascending.</summary>
        internal int[] NormalizeAxes(ReadOnlySpan<int> axes, string operation)
        {
            int[] normal = new int[axes.Length];
            for (int i = 0; i < normal.Length; i++) normal[i] = x.Shape.Axis(axes[i], operation);
            if (normal.Length > 1) Array.Sort(normal);
            return normal;
        }

        private Tensor Reduced<TReduction>(ReadOnlySpan<int> axes, bool keepDimensions) where TReduction : struct, IReduction
            => Tape.Apply(new Reduce<TReduction>(x.NormalizeAxes(axes, TReduction.Name), keepDimensions), x);
    }

    /// <summary>m (Σ (u/m)ᵖ)^(1/p) with m = max u: nothing overflows, and m may be taken as a constant, because the value does not depend on it.</summary>
    private static Tensor PowerNorm(Tensor u, ReadOnlySpan<int> axes, double p, bool keepDimensions)
    {
        Tensor m = u.Max(axes, keepDimensions: true).Detach(), isZero = Tape.Apply(Binary<EqualityMask>.Instance, m, m * 0);
        Tensor sum = Tape.Apply(Binary<SafeDivide>.Instance, u, m).Pow(p).Sum(axes, keepDimensions: true);
        Tensor norm = m * (sum + isZero).Pow(1 / p);
        return keepDimensions ? norm : norm.Sum(axes);
    }

    private static int[] AllAxes(Tensor x) => [.. Enumerable.Range(0, x.Rank)];
}
