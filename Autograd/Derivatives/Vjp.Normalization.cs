using Gradwright.Kernels;

namespace Gradwright;

internal static partial class Vjp
{
    private static void AddNormalization()
    {
        Jointly<BatchNorm>(Saves.Inputs | Saves.Statistics, (c, op) =>
        {
            Tensor x = c[0];
            bool affine = c.InputCount > 1;
            if (c.HasGradient(0))
            {
                (Tensor dx, Tensor dscale, Tensor dshift) = c.CreatesGraph
                    ? ComposedBatchNormGradient(c.G, x, affine ? c[1] : null, op.Epsilon)
                    : FusedBatchNormGradient(affine ? [c.G, x, c.Output(1), c.Kept(0), c[1]] : [c.G, x, c.Output(1), c.Kept(0)]);
                if (c.Needs(0)) c.Set(0, dx);
                if (c.Needs(1)) c.Set(1, dscale);
                if (c.Needs(2)) c.Set(2, dshift);
            }

            // The statistics themselves: dmean / n, and dvariance · 2 (x − mean) / n.
            double n = x.Count / x.Shape[1];
            if (c.HasGradient(1) && c.Needs(0)) c.Set(0, (Channels(c.Gradient(1), x) * (1 / n)).Expand(x.Shape));
            if (c.HasGradient(2) && c.Needs(0)) c.Set(0, Channels(c.Gradient(2), x) * (2 / n) * (x - x.Mean(AllBut1(x), keepDimensions: true)));
        });

        // Linear in g: dx is a symmetric projection of it, dscale = Σ g x̂, dshift = Σ g.
        Jointly<BatchNormGradient>(Saves.Inputs, (c, op) =>
        {
            if (c.Needs(1) || c.Needs(2) || c.Needs(3) || c.Needs(4))
                throw new TapeException("BatchNormGradient: has a derivative in g only. Differentiate BatchNorm under Gradients(…, createGraph: true), which computes the same from differentiable ops.");
            Tensor x = c[1], normal = (x - Channels(c[2], x)) * Channels(c[3], x);
            (Tensor projected, _, _) = FusedBatchNormGradient(c.InputCount > 4 ? [c.G, x, c[2], c[3], c[4]] : [c.G, x, c[2], c[3]]);
            c.Set(0, projected + normal * Channels(c.Gradient(1), x) + Channels(c.Gradient(2), x));
        });

        Jointly<BatchNormInference>(Saves.Inputs, (c, op) =>
        {
            Tensor x = c[0], r = (c[2] + op.Epsilon).Rsqrt(), k = c.InputCount > 3 ? r * c[3] : r;
            int[] axes = AllBut1(x);
            if (c.Needs(0)) c.Set(0, c.G * Channels(k, x));
            if (c.Needs(1)) c.Set(1, -(c.G.Sum(axes) * k));
            if (!c.Needs(2) && !c.Needs(3) && !c.Needs(4)) return;
            Tensor moment = (c.G * (x - Channels(c[1], x))).Sum(axes);
            if (c.Needs(2)) c.Set(2, moment * k * r.Square() * -0.5);
            if (c.Needs(3)) c.Set(3, moment * r);
            if (c.Needs(4)) c.Set(4, c.G.Sum(axes));
        });

        AddRowNorms();
    }

    private static (Tensor DX, Tensor DScale, Tensor DShift) FusedBatchNormGradient(ReadOnlySpan<Tensor> x)
    {
        Op.Outputs y = default;
        Tape.Apply(new BatchNormGradient(), x, y);
        return (y[0]!, y[1]!, y[2]!);
    }

    /// <summary>The same from differentiable ops, with mean and variance as functions of x.</summary>
    private static (Tensor DX, Tensor DScale, Tensor DShift) ComposedBatchNormGradient(Tensor g, Tensor x, Tensor? scale, double epsilon)
    {
        int[] axes = AllBut1(x);
        Tensor r = (x.Variance(axes, correction: 0, keepDimensions: true) + epsilon).Rsqrt();
        Tensor normal = (x - x.Mean(axes, keepDimensions: true)) * r, product = g * normal;
        Tensor dx = r * (g - g.Mean(axes, keepDimensions: true) - normal * product.Mean(axes, keepDimensions: true));
        return (scale is null ? dx : dx * Channels(scale, x), product.Sum(axes), g.Sum(axes));
    }

    /// <summary>Numbers per channel [C] as [C, 1, …], to be broadcast over x [N, C, …].</summary>
    private static Tensor Channels(Tensor values, Tensor x)
    {
        long[] lengths = new long[x.Rank - 1];
        Array.Fill(lengths, 1);
        lengths[0] = values.Count;
        return values.Reshape((Shape)lengths);
    }

    private static int[] AllBut1(Tensor x) => [0, .. Enumerable.Range(2, x.Rank - 2)];
}
