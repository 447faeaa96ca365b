namespace Gradwright;

/// <summary>Moves one element after the other (or all at once) and compares what the results do with what the tape says they should.</summary>
internal sealed class GradientComparison
{
    private const double KinkContrast = 1e-2;       // left and right derivatives that differ by more, relatively, are two
    private const double RoundingUnits = 16;        // how many units of precision a result may be off

    // When the first step disagrees: shorter ones reach less far (curvature, a kink near by), a longer one rounds less.
    private static readonly double[] _retries = [1, 1.0 / 8, 8, 1.0 / 64];

    private readonly GradientProbe _probe;
    private readonly GradCheckOptions _options;
    private readonly bool _single;
    private readonly double _step, _tolerance;
    private readonly double[] _base;

    public GradientComparison(GradientProbe probe, GradCheckOptions options)
    {
        (_probe, _options) = (probe, options);
        _single = probe.Variables.Exists(v => v.Tensor.DType == DType.Float32);
        _step = options.Step ?? (_single, options.OneSided) switch { (false, false) => 1e-5, (false, true) => 1e-7, (true, false) => 1e-2, _ => 1e-3 };
        _tolerance = options.Tolerance ?? (_single ? 1e-2 : 1e-5);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(_step, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.MaxElements, nameof(options));
        _base = probe.Evaluate();
        if (!_base.SequenceEqual(probe.Evaluate()))
            throw new GradCheckException("The function gave two results for the same arguments, so finite differences mean nothing. "
                + "Name the generators that it draws from in GradCheckOptions.Generators, or switch dropout off.");
    }

    public GradCheckReport Run()
    {
        double[][] analytic = _probe.Differentiate();
        Generator sampler = new Generator(_options.Seed).Fork("sample");
        List<GradCheckEntry> entries = [];
        bool sampled = false;
        for (int k = 0; k < analytic.Length; k++)
        {
            (string name, Tensor x) = _probe.Variables[k];
            Entry entry = new();
            foreach (int i in Choose((int)x.Count, sampler)) CheckElement(x, i, analytic[k][i], entry);
            sampled |= x.Count > _options.MaxElements;
            entries.Add(entry.Close(name, x.Shape, Unravel(entry.Worst, x.Shape)));
        }

        if (sampled) entries.Add(CheckDirection(analytic, sampler));
        return new(entries, _tolerance, _single ? "a Float32 tensor takes part: mistakes below about 1 % go unseen. Check in Float64." : null);
    }

    private void CheckElement(Tensor x, int index, double analytic, Entry entry)
    {
        long offset = x.Layout.Offset;
        long[] position = Unravel(index, x.Shape);
        for (int d = 0; d < position.Length; d++) offset += position[d] * x.Layout.Strides[d];
        using Tensor element = x.Alias(new Layout([], [], offset));
        double origin = element.ToDouble();
        Compare(analytic, Math.Max(1, Math.Abs(origin)), index, entry, t =>
        {
            element.FillInPlace(origin + t);
            return element.ToDouble() - origin;
        });
    }

    private GradCheckEntry CheckDirection(double[][] analytic, Generator generator)
    {
        double[][] origins = [.. _probe.Variables.Select(v => HostValues.Of(v.Tensor))];
        double[][] u = [.. origins.Select(x => Array.ConvertAll(x, _ => generator.NextDouble() - 0.5))];
        double along = 0;
        for (int k = 0; k < u.Length; k++)
            for (int i = 0; i < u[k].Length; i++) along += u[k][i] * analytic[k][i];
        Entry entry = new();
        Compare(along, 1, 0, entry, t =>
        {
            for (int k = 0; k < u.Length; k++)
            {
                Tensor x = _probe.Variables[k].Tensor;
                double[] moved = new double[u[k].Length];
                for (int i = 0; i < moved.Length; i++) moved[i] = t == 0 ? origins[k][i] : origins[k][i] + t * u[k][i];
                if (x.DType == DType.Float64) x.CopyFrom(moved);
                else x.CopyFrom(Array.ConvertAll(moved, v => (float)v));
            }

            return t;
        });
        return entry.Close("a random direction over all of them", [], []);
    }

    /// <param name="analytic">The tape's derivative.</param>
    /// <param name="scale">The size of what is moved.</param>
    /// <param name="index">Which element it is.</param>
    /// <param name="entry">Receives the outcome.</param>
    /// <param name="move">Moves the variable to a distance from where it stood; returns the distance after rounding.</param>
    private void Compare(double analytic, double scale, int index, Entry entry, Func<double, double> move)
    {
        double best = double.PositiveInfinity, numeric = double.NaN;
        try
        {
            foreach (double retry in _retries)
            {
                double h = _step * scale * retry;
                (double slope, double noise) = Slope(move, _options.OneSided ? 0 : -h, h);
                double error = RelativeError(analytic, slope, noise);
                if (error < best || double.IsNaN(numeric)) (best, numeric) = (error, slope);
                if (best <= 1e-7) break;
            }

            bool kink = best > _tolerance && IsKink(analytic, move, _step * scale / 8);
            entry.Add(index, best, analytic, numeric, kink);
        }
        finally
        {
            move(0);
        }
    }

    private bool IsKink(double analytic, Func<double, double> move, double h)
    {
        (double left, double leftNoise) = Slope(move, -h, 0);
        (double right, double rightNoise) = Slope(move, 0, h);
        double slack = leftNoise + rightNoise + 1e-4 * Math.Max(Math.Abs(left), Math.Abs(right));
        return Math.Abs(left - right) > KinkContrast * Math.Max(Math.Abs(left), Math.Abs(right)) + leftNoise + rightNoise
            && analytic >= Math.Min(left, right) - slack && analytic <= Math.Max(left, right) + slack;
    }

    /// <summary>The slope of Σ weight · result between two places, and how far rounding may have moved it: of the order ε|f|/h.</summary>
    private (double Slope, double Noise) Slope(Func<double, double> move, double from, double to)
    {
        double start = move(from);
        double[] y0 = from == 0 ? _base : _probe.Evaluate();
        double end = move(to);
        double[] y1 = to == 0 ? _base : _probe.Evaluate();
        if (y0.Length != _base.Length || y1.Length != _base.Length)
            throw new GradCheckException($"The function's result has {_base.Length} elements at the given point and {(y0.Length != _base.Length ? y0 : y1).Length} close to it; its shape must not depend on values.");
        double[] w = _probe.Weights;
        double difference = 0, size = 0;
        for (int j = 0; j < y0.Length; j++)
        {
            // Results that did not move add no rounding.
            if (y0[j] == y1[j]) continue;
            difference += w[j] * (y1[j] - y0[j]);
            size += Math.Abs(w[j]) * Math.Max(Math.Abs(y0[j]), Math.Abs(y1[j]));
        }

        double epsilon = _single ? 1.2e-7 : 2.2e-16;
        return (difference / (end - start), RoundingUnits * epsilon * size / (end - start));
    }

    private static double RelativeError(double a, double n, double noise)
    {
        double error = Math.Max(0, Math.Abs(a - n) - noise) / Math.Max(Math.Max(Math.Abs(a), Math.Abs(n)), double.Epsilon);
        return double.IsNaN(error) ? double.PositiveInfinity : error;
    }

    private IEnumerable<int> Choose(int count, Generator generator)
    {
        if (count <= _options.MaxElements) return Enumerable.Range(0, count);
        HashSet<int> chosen = [];
        while (chosen.Count < _options.MaxElements) chosen.Add((int)generator.Next(count));
        return chosen;
    }

    private static long[] Unravel(long index, Shape shape)
    {
        long[] position = new long[shape.Rank];
        for (int d = shape.Rank - 1; d >= 0; d--) (index, position[d]) = Math.DivRem(index, shape.Span[d]);
        return position;
    }

    /// <summary>The running worst of one tensor.</summary>
    private sealed class Entry
    {
        private double _error = -1, _analytic, _numeric;
        private long _checked, _kinks;

        public int Worst { get; private set; }

        public void Add(int index, double error, double analytic, double numeric, bool kink)
        {
            _checked++;
            if (kink) _kinks++;
            else if (error > _error) (Worst, _error, _analytic, _numeric) = (index, error, analytic, numeric);
        }

        public GradCheckEntry Close(string name, Shape shape, long[] worst)
            => new(name, shape, Math.Max(0, _error), worst, _analytic, _numeric, _checked, _kinks);
    }
}
