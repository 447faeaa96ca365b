using Gradwright.Kernels;

namespace Gradwright;

public static partial class TensorOperators
{
    extension(Tensor)
    {
        /// <summary>The numbers from start up to, but not including, end, in steps.</summary>
        public static Tensor Arange(double start, double end, double step = 1, DType dtype = DType.Float32)
        {
            if (step == 0 || !double.IsFinite((end - start) / step)) throw new ArgumentException($"Arange: from {start} to {end} in steps of {step} does not end. Give a step other than 0 and finite bounds.");
            if (dtype.IsInteger && (start != Math.Floor(start) || step != Math.Floor(step)))
                throw new DTypeException($"Arange: {start} in steps of {step} are not integers, but {dtype} is asked for. Ask for DType.Float32.");
            long length = (long)Math.Max(0, Math.Ceiling((end - start) / step));
            return Sequenced(new(start, step, start + (length - 1) * step, length, dtype));
        }

        /// <summary>The integers 0 .. length − 1.</summary>
        public static Tensor Arange(long length) => Tensor.Arange(0, length, 1, DType.Int64);

        /// <summary>So many numbers from start to end, both included, at equal distances.</summary>
        public static Tensor Linspace(double start, double end, long count, DType dtype = DType.Float32)
            => Sequenced(new(start, count > 1 ? (end - start) / (count - 1) : 0, count > 1 ? end : start, count, dtype));

        /// <summary>Ones on the main diagonal, zeros elsewhere: [rows, columns], square by default.</summary>
        public static Tensor Eye(long rows, long? columns = null, DType dtype = DType.Float32)
        {
            long width = columns ?? rows;
            Tensor eye = Tensor.Zeros([rows, width], dtype);
            using Tensor diagonal = eye.Alias(new Layout([Math.Min(rows, width)], [width + 1]));
            diagonal.FillInPlace(1);
            return eye;
        }
    }

    private static Tensor Sequenced(Sequence op) => op.DType.IsHalf ? Narrow(op with { DType = DType.Float32 }, op.DType) : Tape.Apply(op);

    /// <summary>Made in Float32 and cast.</summary>
    private static Tensor Narrow(Op op, DType dtype)
    {
        using Tensor wide = op.Execute();
        return new Cast(dtype).Execute(wide);
    }
}
