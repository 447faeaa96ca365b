using Gradwright.Kernels;

namespace Gradwright;

public static partial class TensorOperators
{
    extension(Tensor x)
    {
        /// <summary>Tensors one behind the other along a dimension; the other lengths are equal.</summary>
        public static Tensor Concat(ReadOnlySpan<Tensor> tensors, int axis = 0) => Tape.Apply(new Concat(axis), tensors);

        /// <summary>Tensors of one shape along a new dimension.</summary>
        public static Tensor Stack(ReadOnlySpan<Tensor> tensors, int axis = 0)
        {
            using TensorScope scope = new();
            if (tensors.Length > 0 && axis < 0) axis += tensors[0].Rank + 1;
            Tensor[] rows = new Tensor[tensors.Length];
            for (int i = 0; i < rows.Length; i++)
            {
                if (tensors[i].Shape != tensors[0].Shape)
                    throw new ShapeException($"Stack: tensor 0 {tensors[0].Shape} and tensor {i} {tensors[i].Shape} must have the same shape. Use Concat to join along a dimension that they have.");
                rows[i] = tensors[i].Unsqueeze(axis);
            }

            return TensorScope.Keep(Tape.Apply(new Concat(axis), rows));
        }

        /// <summary>Cuts a dimension into parts of these lengths, which add up to it: views.</summary>
        public Tensor[] Split(int axis, params ReadOnlySpan<long> lengths)
        {
            using TensorScope scope = new();
            Tensor[] parts = new Tensor[lengths.Length];
            SplitInto(x, axis, lengths, parts);
            foreach (Tensor part in parts) TensorScope.Keep(part);
            return parts;
        }

        /// <summary>Cuts a dimension into this many parts, as equal as can be (the first ones are longer by one where it does not divide): views.</summary>
        public Tensor[] Chunk(int count, int axis = 0)
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
            long n = x.Shape[axis];
            long[] lengths = new long[count];
            for (int i = 0; i < count; i++) lengths[i] = n / count + (i < n % count ? 1 : 0);
            return x.Split(axis, lengths);
        }

        /// <summary>One view per position of a dimension, which disappears.</summary>
        public Tensor[] Unbind(int axis = 0)
        {
            using TensorScope scope = new();
            long[] lengths = new long[x.Shape[axis]];
            lengths.AsSpan().Fill(1);
            Tensor[] parts = new Tensor[lengths.Length];
            SplitInto(x, axis, lengths, parts);
            for (int i = 0; i < parts.Length; i++) parts[i] = TensorScope.Keep(parts[i].Squeeze(axis));
            return parts;
        }

        /// <summary>A border around the last dimensions.</summary>
        /// <param name="borders">Elements in front of and behind each of the last dimensions, outermost first: two pairs for the rows and columns of images.</param>
        /// <param name="value">What a constant border is made of.</param>
        /// <param name="mode">A constant, the mirrored tensor (borders shorter than the dimension), or the outermost element.</param>
        public Tensor Pad(ReadOnlySpan<(long Before, long After)> borders, double value = 0, PadMode mode = PadMode.Constant)
        {
            if (borders.Length > x.Rank) throw new ShapeException($"Pad: {borders.Length} borders are given, but {x.Describe()} has {x.Rank} dimensions.");
            int outer = x.Rank - borders.Length;
            if (mode == PadMode.Constant)
            {
                long[] before = new long[x.Rank], after = new long[x.Rank];
                for (int i = 0; i < borders.Length; i++) (before[outer + i], after[outer + i]) = borders[i];
                return Tape.Apply(new Pad(before, after, value), x);
            }

            // Up to three dimensions in one go; of more, the outer ones one by one.
            using TensorScope scope = new();
            Border At(ReadOnlySpan<(long Before, long After)> all, int fromEnd) => all.Length >= fromEnd ? new(all[^fromEnd].Before, all[^fromEnd].After) : default;
            Tensor y = Tape.Apply(new EdgePad(At(borders, 3), At(borders, 2), At(borders, 1), mode == PadMode.Reflect), x);
            for (int i = borders.Length - 4; i >= 0; i--)
            {
                int axis = outer + i;
                if (borders[i] == (0, 0)) continue;
                Tensor rows = y.Reshape([.. y.Shape.Span[..(axis + 1)], Shape.Create(y.Shape.Span[(axis + 1)..]).Count]);
                rows = Tape.Apply(new EdgePad(default, At(borders[..(i + 1)], 1), default, mode == PadMode.Reflect), rows);
                y = rows.Reshape([.. rows.Shape.Span[..(axis + 1)], .. y.Shape.Span[(axis + 1)..]]);
            }

            return TensorScope.Keep(y);
        }

        /// <summary>The tensor next to itself, so many times along each dimension; counts are aligned at the last dimension, and more counts than dimensions add leading ones.</summary>
        public Tensor Tile(params ReadOnlySpan<long> counts)
        {
            using TensorScope scope = new();
            Tensor y = x;
            while (y.Rank < counts.Length) y = y.Unsqueeze(0);
            for (int i = 1; i <= counts.Length; i++)
                if (counts[^i] != 1) y = Repeated(y, y.Rank - i, counts[^i], asWhole: true);
            return TensorScope.Keep(y == x ? x.Copy() : y);
        }

        /// <summary>Every element along a dimension so many times in a row: a a b b.</summary>
        public Tensor RepeatEach(long count, int axis)
        {
            using TensorScope scope = new();
            return TensorScope.Keep(Repeated(x, x.Shape.Axis(axis), count, asWhole: false));
        }

        /// <summary>Moves every element by so many places along a dimension; what leaves at one end enters at the other.</summary>
        public Tensor Roll(long shift, int axis)
        {
            long n = x.Shape[axis];
            if (n == 0) return x.Copy();
            shift = ((shift % n) + n) % n;
            using TensorScope scope = new();
            return TensorScope.Keep(Tape.Apply(new Concat(axis), x.Slice(axis, n - shift, shift), x.Slice(axis, 0, n - shift)));
        }

        /// <summary>Dimensions back to front: a view.</summary>
        public Tensor Flip(params ReadOnlySpan<int> axes)
        {
            using TensorScope scope = new();
            Tensor y = x;
            foreach (int axis in axes) y = y.Slice(axis, y.Shape[axis] - 1, y.Shape[axis], -1);
            return TensorScope.Keep(y == x ? x.Reshape(x.Shape) : y);
        }

        /// <summary>
        /// The numbers in another element type; a tensor that has it already is returned as it is. Floating-point numbers round to nearest; integers are cut
        /// towards zero and limited to their range (NaN becomes 0); Bool is "not zero". Gradients pass between floating-point types.
        /// </summary>
        public Tensor Cast(DType dtype) => x.DType == dtype ? x : Tape.Apply(new Cast(dtype), x);

        /// <summary>
        /// The numbers on another accelerator; a tensor that lives there already is returned as it is. Gradients pass back to where the tensor came from.
        /// A parameter moves with <c>model.To(accelerator)</c>, which keeps its identity.
        /// </summary>
        public Tensor To(Accelerator accelerator)
        {
            ArgumentNullException.ThrowIfNull(accelerator);
            return x.Accelerator == accelerator ? x : Tape.Apply(new Transfer(x.Accelerator, accelerator), x);
        }

        /// <summary>Of each matrix (the last two dimensions) the diagonal and what lies below, else zeros; 1 takes the diagonal above too.</summary>
        public Tensor LowerTriangle(long diagonal = 0) => Tape.Apply(new Triangle(false, diagonal), x);

        /// <summary>Of each matrix (the last two dimensions) the diagonal and what lies above, else zeros; 1 starts at the diagonal above.</summary>
        public Tensor UpperTriangle(long diagonal = 0) => Tape.Apply(new Triangle(true, diagonal), x);
    }

    /// <summary>Parts of a dimension; more than one op takes are cut in a tree, so that the gradient costs a few joins and no sum.</summary>
    private static void SplitInto(Tensor x, int axis, ReadOnlySpan<long> lengths, Span<Tensor> parts)
    {
        if (lengths.Length <= Kernels.Split.MostParts)
        {
            Op.Outputs outputs = default;
            Tape.Apply(new Split(axis, lengths.ToArray()), [x], outputs);
            for (int i = 0; i < parts.Length; i++) parts[i] = outputs[i]!;
            return;
        }

        int size = Kernels.Split.MostParts;
        while (size * Kernels.Split.MostParts < lengths.Length) size *= Kernels.Split.MostParts;
        int groups = (lengths.Length + size - 1) / size;
        long[] sums = new long[groups];
        for (int i = 0; i < lengths.Length; i++) sums[i / size] += lengths[i];
        Tensor[] wholes = new Tensor[groups];
        SplitInto(x, axis, sums, wholes);
        for (int g = 0; g < groups; g++)
        {
            int end = Math.Min(lengths.Length, (g + 1) * size);
            SplitInto(wholes[g], axis, lengths[(g * size)..end], parts[(g * size)..end]);
        }
    }

    private static Tensor Repeated(Tensor x, int axis, long count, bool asWhole)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ReadOnlySpan<long> lengths = x.Shape.Span;
        Tensor apart = x.Unsqueeze(asWhole ? axis : axis + 1);
        return apart.Expand(apart.Shape.With(asWhole ? axis : axis + 1, count)).Reshape(x.Shape.With(axis, lengths[axis] * count));
    }
}
