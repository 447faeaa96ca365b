using System.Globalization;

namespace Gradwright.Tests.Interchange.Onnx;

/// <summary>Computes a few operators as the format's documentation defines them, in double precision and with plain loops.</summary>
public static class OnnxInterpreter
{
    /// <summary>An array with its lengths.</summary>
    public sealed record Value(long[] Dims, double[] Data)
    {
        public static Value Of(Tensor x) => new([.. x.Shape], x.Cast(DType.Float64).ToArray<double>());
    }

    public static Value[] Run(OnnxModel model, params Value[] inputs)
    {
        Dictionary<string, Value> values = model.Initializers.ToDictionary(entry => entry.Key, entry => new Value(entry.Value.Dims, entry.Value.Values()));
        for (int i = 0; i < inputs.Length; i++) values.Add(model.Inputs[i].Name, inputs[i]);
        foreach (OnnxNode node in model.Nodes)
        {
            Value[] results = Compute(node, [.. node.Inputs.Select(name => name.Length == 0 ? null! : values[name])]);
            for (int j = 0; j < node.Outputs.Length; j++) values.Add(node.Outputs[j], results[j]);
        }

        return [.. model.Outputs.Select(output => values[output.Name])];
    }

    private static Value[] Compute(OnnxNode node, Value[] x) => node.Type switch
    {
        "Identity" => [x[0]],
        "Relu" => [Map(x[0], v => Math.Max(v, 0))],
        "Tanh" => [Map(x[0], Math.Tanh)],
        "Add" => [Zip(x[0], x[1], (a, b) => a + b)],
        "Sub" => [Zip(x[0], x[1], (a, b) => a - b)],
        "Mul" => [Zip(x[0], x[1], (a, b) => a * b)],
        "Reshape" => [Reshape(x[0], x[1].Data)],
        "Unsqueeze" => [Unsqueeze(x[0], (int)x[1].Data[0])],
        "Squeeze" => [new([.. x[0].Dims.Where((_, d) => d != (int)x[1].Data[0])], x[0].Data)],
        "Transpose" => [Transpose(x[0], node.Ints("perm"))],
        "Slice" => [Slice(x)],
        "Gather" => [Gather(x[0], (int)node.Int("axis"), (long)x[1].Data[0])],
        "Concat" => [Concat(x, (int)node.Int("axis"))],
        "Split" => Split(x[0], node.Outputs.Length),
        "Shape" => [new([x[0].Dims.Length], [.. x[0].Dims.Select(length => (double)length)])],
        "ConstantOfShape" => [new([.. x[0].Data.Select(v => (long)v)], new double[x[0].Data.Aggregate(1L, (count, length) => count * (long)length)])],
        "Gemm" => [Gemm(x, node.Int("transB") == 1)],
        "Conv" => [Conv(x, node.Ints("pads"), node.Ints("strides"))],
        "BatchNormalization" => [Zip(Zip(x[0], Channels(Zip(x[1], Map(x[4], v => Math.Sqrt(v + 1e-5)), (a, b) => a / b)), (a, b) => a * b),
            Channels(new(x[2].Dims, [.. x[2].Data.Select((shift, k) => shift - x[3].Data[k] * x[1].Data[k] / Math.Sqrt(x[4].Data[k] + 1e-5))])), (a, b) => a + b)],
        "MaxPool" => [MaxPool(x[0], node.Ints("kernel_shape"), node.Ints("strides"), node.Ints("pads"))],
        "LSTM" => Lstm(x),
        _ => throw new NotSupportedException(string.Create(CultureInfo.InvariantCulture, $"{node.Type} is not interpreted")),
    };

    private static Value Map(Value x, Func<double, double> f) => new(x.Dims, [.. x.Data.Select(f)]);

    private static Value Zip(Value a, Value b, Func<double, double, double> f)
    {
        int rank = Math.Max(a.Dims.Length, b.Dims.Length);
        long Length(Value v, int d) => d - rank + v.Dims.Length is >= 0 and int own ? v.Dims[own] : 1;
        long[] dims = [.. Enumerable.Range(0, rank).Select(d => Math.Max(Length(a, d), Length(b, d)))];
        double At(Value v, long[] place)
        {
            long at = 0;
            for (int d = 0; d < rank; d++) at = at * Length(v, d) + (Length(v, d) == 1 ? 0 : place[d]);
            return v.Data[at];
        }

        return new(dims, [.. Places(dims).Select(place => f(At(a, place), At(b, place)))]);
    }

    private static Value Channels(Value x) => new([x.Dims[0], 1, 1], x.Data);

    private static Value Reshape(Value x, double[] wanted)
    {
        long[] dims = [.. wanted.Select(v => (long)v)];
        long known = dims.Where(length => length >= 0).Aggregate(1L, (count, length) => count * length);
        return new([.. dims.Select(length => length < 0 ? x.Data.Length / known : length)], x.Data);
    }

    private static Value Unsqueeze(Value x, int axis) => new([.. x.Dims[..axis], 1, .. x.Dims[axis..]], x.Data);

    private static Value Transpose(Value x, long[] order)
    {
        long[] dims = [.. order.Select(axis => x.Dims[axis])];
        return new(dims, [.. Places(dims).Select(place =>
        {
            long[] from = new long[place.Length];
            for (int d = 0; d < order.Length; d++) from[order[d]] = place[d];
            return x.Data[Offset(x.Dims, from)];
        })]);
    }

    // Operands: x, starts, ends, axes, steps, one of each.
    private static Value Slice(Value[] x)
    {
        int axis = x.Length > 3 ? (int)x[3].Data[0] : 0;
        (long start, long end, long step) = ((long)x[1].Data[0], (long)x[2].Data[0], x.Length > 4 ? (long)x[4].Data[0] : 1);
        long[] picked = [.. Enumerable.Range(0, (int)x[0].Dims[axis]).Select(i => start + i * step).Where(i => i >= 0 && i < x[0].Dims[axis] && (step > 0 ? i < end : i > end))];
        long[] dims = [.. x[0].Dims];
        dims[axis] = picked.Length;
        return new(dims, [.. Places(dims).Select(place =>
        {
            place[axis] = picked[place[axis]];
            return x[0].Data[Offset(x[0].Dims, place)];
        })]);
    }

    // One slice, whose dimension disappears.
    private static Value Gather(Value x, int axis, long index)
    {
        long[] dims = [.. x.Dims[..axis], .. x.Dims[(axis + 1)..]];
        return new(dims, [.. Places(dims).Select(place => x.Data[Offset(x.Dims, [.. place[..axis], index, .. place[axis..]])])]);
    }

    private static Value Concat(Value[] x, int axis)
    {
        long[] dims = [.. x[0].Dims];
        dims[axis] = x.Sum(part => part.Dims[axis]);
        return new(dims, [.. Places(dims).Select(place =>
        {
            int i = 0;
            for (; place[axis] >= x[i].Dims[axis]; i++) place[axis] -= x[i].Dims[axis];
            return x[i].Data[Offset(x[i].Dims, place)];
        })]);
    }

    private static Value[] Split(Value x, int parts)
    {
        int length = x.Data.Length / parts;
        return [.. Enumerable.Range(0, parts).Select(i => new Value([x.Dims[0] / parts, .. x.Dims[1..]], x.Data[(i * length)..((i + 1) * length)]))];
    }

    private static Value Gemm(Value[] x, bool turned)
    {
        (long m, long k, long n) = (x[0].Dims[0], x[0].Dims[1], turned ? x[1].Dims[0] : x[1].Dims[1]);
        double[] y = new double[m * n];
        for (long i = 0; i < m; i++)
            for (long j = 0; j < n; j++)
            {
                double sum = x.Length > 2 ? x[2].Data[j] : 0;
                for (long p = 0; p < k; p++) sum += x[0].Data[i * k + p] * (turned ? x[1].Data[j * k + p] : x[1].Data[p * n + j]);
                y[i * n + j] = sum;
            }

        return new([m, n], y);
    }

    private static Value Conv(Value[] x, long[] pads, long[] strides)
    {
        (Value image, Value filter) = (x[0], x[1]);
        return Slide(image, filter.Dims[0], filter.Dims[2..], strides, pads, (n, k, row, column) =>
        {
            double sum = x.Length > 2 ? x[2].Data[k] : 0;
            for (long c = 0; c < filter.Dims[1]; c++)
                for (long r = 0; r < filter.Dims[2]; r++)
                    for (long s = 0; s < filter.Dims[3]; s++) sum += At(image, n, c, row + r, column + s, 0) * filter.Data[Offset(filter.Dims, [k, c, r, s])];
            return sum;
        });
    }

    private static Value MaxPool(Value x, long[] size, long[] strides, long[] pads) => Slide(x, x.Dims[1], size, strides, pads, (n, c, row, column) =>
    {
        double max = double.NegativeInfinity;
        for (long r = 0; r < size[0]; r++)
            for (long s = 0; s < size[1]; s++) max = Math.Max(max, At(x, n, c, row + r, column + s, double.NegativeInfinity));
        return max;
    });

    private static Value Slide(Value x, long channels, long[] size, long[] strides, long[] pads, Func<long, long, long, long, double> window)
    {
        long[] dims = [x.Dims[0], channels, (x.Dims[2] + pads[0] + pads[2] - size[0]) / strides[0] + 1, (x.Dims[3] + pads[1] + pads[3] - size[1]) / strides[1] + 1];
        return new(dims, [.. Places(dims).Select(p => window(p[0], p[1], p[2] * strides[0] - pads[0], p[3] * strides[1] - pads[1]))]);
    }

    private static double At(Value x, long n, long c, long row, long column, double outside)
        => row < 0 || row >= x.Dims[2] || column < 0 || column >= x.Dims[3] ? outside : x.Data[Offset(x.Dims, [n, c, row, column])];

    // X [T, N, I], W [1, 4H, I], R [1, 4H, H], B [1, 8H], no lengths, initial h and c [1, N, H]; gates in the order i, o, f, c.
    private static Value[] Lstm(Value[] x)
    {
        (long steps, long rows, long inputs, long hidden) = (x[0].Dims[0], x[0].Dims[1], x[0].Dims[2], x[2].Dims[2]);
        double[] h = [.. x[5].Data], c = [.. x[6].Data], y = new double[steps * rows * hidden];
        for (long t = 0; t < steps; t++)
        {
            double[] before = [.. h];
            for (long n = 0; n < rows; n++)
                for (long k = 0; k < hidden; k++)
                {
                    double Gate(long gate)
                    {
                        long row = gate * hidden + k;
                        double sum = x[3].Data[row] + x[3].Data[4 * hidden + row];
                        for (long i = 0; i < inputs; i++) sum += x[0].Data[(t * rows + n) * inputs + i] * x[1].Data[row * inputs + i];
                        for (long i = 0; i < hidden; i++) sum += before[n * hidden + i] * x[2].Data[row * hidden + i];
                        return sum;
                    }

                    double Sigmoid(double v) => 1 / (1 + Math.Exp(-v));
                    long at = n * hidden + k;
                    c[at] = Sigmoid(Gate(2)) * c[at] + Sigmoid(Gate(0)) * Math.Tanh(Gate(3));
                    y[t * rows * hidden + at] = h[at] = Sigmoid(Gate(1)) * Math.Tanh(c[at]);
                }
        }

        return [new([steps, 1, rows, hidden], y), new([1, rows, hidden], h), new([1, rows, hidden], c)];
    }

    private static IEnumerable<long[]> Places(long[] dims)
    {
        long count = dims.Aggregate(1L, (all, length) => all * length);
        for (long i = 0; i < count; i++)
        {
            long[] place = new long[dims.Length];
            long rest = i;
            for (int d = dims.Length - 1; d >= 0; d--) (rest, place[d]) = Math.DivRem(rest, dims[d]);
            yield return place;
        }
    }

    private static long Offset(long[] dims, long[] place)
    {
        long at = 0;
        for (int d = 0; d < dims.Length; d++) at = at * dims[d] + place[d];
        return at;
    }
}
