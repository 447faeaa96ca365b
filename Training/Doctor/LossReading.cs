using Gradwright.Optim;

namespace Gradwright.Training;

/// <summary>
/// What kind of loss a function is, found by asking it: the user gives a function, and the doctor has to know what it should be at the beginning and whether it applies a
/// softmax itself.
/// </summary>
/// <param name="Kind">What it does.</param>
/// <param name="ClassAxis">The dimension of the outputs that counts the classes; −1 where targets are no classes.</param>
/// <param name="Classes">Its length.</param>
/// <param name="AtZero">The loss of outputs that are all 0.</param>
internal sealed record LossReading(LossKind Kind, int ClassAxis, long Classes, double AtZero)
{
    private const double Tolerance = 1e-4, Unsatisfied = 0.3, Satisfied = 0.6;
    private const int DescentSteps = 120;

    public static readonly LossReading None = new(LossKind.Other, -1, 0, double.NaN);

    /// <summary>What a model that knows nothing has at the beginning; NaN where that cannot be said.</summary>
    public double Expected => Kind is LossKind.CrossEntropy or LossKind.Hinge or LossKind.BinaryCrossEntropy ? AtZero : double.NaN;

    /// <summary>Asks a loss about outputs like these, with these targets.</summary>
    public static LossReading Of(Func<Tensor, Tensor, Tensor> loss, Tensor output, Tensor target, ulong seed)
    {
        using TensorScope scope = new();
        using Tape.Pause pause = Tape.NoRecord();
        double atZero = At(loss, Tensor.Zeros(output.Shape, output.DType, output.Accelerator), target);
        int[] axes = ClassAxes(output.Shape, target);
        Tensor scores = Tensor.Normal(output.Shape, new Generator(seed).Fork("scores"), dtype: output.DType).To(output.Accelerator);
        double atScores = At(loss, scores, target);
        foreach (int axis in axes)
        {
            long classes = output.Shape[axis];
            Tensor shift = Tensor.Normal(output.Shape, new Generator(seed).Fork("shift"), dtype: output.DType).To(output.Accelerator).Mean(axis, keepDimensions: true) * 3;
            if (Math.Abs(At(loss, scores + shift, target) - atScores) <= Tolerance * (1 + Math.Abs(atScores)))
            {
                double atRight = At(loss, 5 * OneHot(target, axis, classes, output.DType), target);
                if (atRight < atZero) return new(atRight == 0 ? LossKind.Hinge : LossKind.CrossEntropy, axis, classes, atZero);
            }

            if (Math.Abs(atZero) < Tolerance && Math.Abs(At(loss, scores + 1, target) - atScores + 1) < Tolerance * (1 + Math.Abs(atScores)))
                return new(LossKind.LogLikelihood, axis, classes, atZero);
        }

        if (axes.Length > 0 && !target.DType.IsFloating) return new(LossKind.Other, axes[0], output.Shape[axes[0]], atZero);
        if (target.DType.IsFloating && target.Shape == output.Shape)
        {
            if (Math.Abs(At(loss, target.Cast(output.DType), target)) < Tolerance * Math.Min(1, Math.Abs(atZero)) && atZero > 0) return new(LossKind.Distance, -1, 0, atZero);
            if (Math.Abs(atZero - Math.Log(2)) < 0.01 && target.Min().ToDouble() >= 0 && target.Max().ToDouble() <= 1) return new(LossKind.BinaryCrossEntropy, -1, 0, atZero);
        }

        return new(LossKind.Other, -1, 0, atZero);
    }

    /// <summary>The dimensions that may count classes, by the shapes alone.</summary>
    public static int[] ClassAxes(Shape output, Tensor target)
    {
        if (output.Rank < 2) return [];
        if (target.DType.IsFloating) return target.Shape == output && output[1] > 1 && IsDistribution(target, 1) ? [1] : [];
        List<int> axes = [];
        foreach (int axis in (int[])[1, output.Rank - 1])
            if (!axes.Contains(axis) && target.Shape == (long[])[.. output.Span[..axis], .. output.Span[(axis + 1)..]]) axes.Add(axis);
        return [.. axes];
    }

    /// <summary>Whether all numbers are probabilities that add up to 1 along a dimension.</summary>
    public static bool IsDistribution(Tensor x, int axis)
    {
        using TensorScope scope = new();
        using Tape.Pause pause = Tape.NoRecord();
        return x.Min().ToDouble() >= 0 && (x.Cast(DType.Float64).Sum(axis) - 1).Abs().Max().ToDouble() < Tolerance;
    }

    /// <summary>
    /// The best outputs that do not depend on the input, [1, …]: the logarithms of the classes' shares, or the targets' mean, improved by descent where that need not be the best.
    /// What a model has to beat.
    /// </summary>
    public Tensor BestConstant(Func<Tensor, Tensor, Tensor> loss, Shape output, DType dtype, Tensor target)
    {
        Tensor start;
        using (Tape.NoRecord())
        {
            if (ClassAxis >= 0 && !target.DType.IsFloating)
            {
                double[] shares = new double[Classes];
                Array.Fill(shares, 0.5);
                foreach (long label in HostValues.Integers(target))
                    if (label >= 0 && label < Classes) shares[label]++;
                double sum = shares.Sum();
                long[] lengths = new long[output.Rank];
                Array.Fill(lengths, 1);
                lengths[ClassAxis] = Classes;
                start = Tensor.From(Array.ConvertAll(shares, share => Math.Log(share / sum)), lengths, target.Accelerator).Cast(dtype);
            }
            else if (ClassAxis >= 0) start = target.Mean(0, keepDimensions: true).Maximum(1e-6).Log().Cast(dtype);
            else if (target.DType.IsFloating && target.Shape == output)
            {
                Tensor mean = target.Mean(0, keepDimensions: true).Cast(dtype);
                start = Kind == LossKind.BinaryCrossEntropy ? (mean.Clamp(1e-4, 1 - 1e-4) / (1 - mean.Clamp(1e-4, 1 - 1e-4))).Log() : mean;
            }
            else start = Tensor.Zeros([1, .. output.Span[1..]], dtype, target.Accelerator);
        }

        return Kind is LossKind.CrossEntropy or LossKind.LogLikelihood or LossKind.BinaryCrossEntropy ? start : Descend(loss, start, output, target, rate: 0.03).Outputs;
    }

    /// <summary>The smallest loss that any outputs have with these targets: above 0 where labels are smoothed or targets are probabilities.</summary>
    public double Floor(Func<Tensor, Tensor, Tensor> loss, Shape output, DType dtype, Tensor target)
    {
        using TensorScope scope = new();
        if (Kind is LossKind.Distance or LossKind.Hinge) return 0;
        return Kind == LossKind.LogLikelihood ? double.NegativeInfinity : Descend(loss, Tensor.Zeros(output, dtype, target.Accelerator), output, target, rate: 0.3).Loss;
    }

    /// <summary>Whether outputs between 0 and 1, as a sigmoid gives them, leave much of the loss that outputs beyond do not: it applies a sigmoid itself.</summary>
    public bool WantsScores(Func<Tensor, Tensor, Tensor> loss, Shape output, DType dtype, Tensor target)
    {
        if (Kind is LossKind.Distance or LossKind.LogLikelihood) return false;
        double within = Floor((y, t) => loss(y.Sigmoid(), t), output, dtype, target);
        return within > Unsatisfied * AtZero && Floor(loss, output, dtype, target) < Satisfied * within;
    }

    private static (Tensor Outputs, double Loss) Descend(Func<Tensor, Tensor, Tensor> loss, Tensor start, Shape output, Tensor target, double rate)
    {
        using Tensor outputs = Tensor.Parameter(start.Detach().Copy(), "outputs");
        using Adam optimizer = new([outputs], rate);
        Tensor best = start;
        double least = double.PositiveInfinity;
        for (int i = 0; i < DescentSteps; i++)
        {
            using Tape tape = new();
            Tensor value = loss(outputs.Expand(output).Copy(), target);
            if (value.ToDouble() is var now && now < least)
            {
                least = now;
                using (Tape.NoRecord()) best = TensorScope.Keep(outputs.Detach().Copy());
            }

            if (!tape.Takes(value)) break;
            tape.Backward(value);
            optimizer.Step();
            optimizer.ZeroGrad();
        }

        return (best, least);
    }

    private static Tensor OneHot(Tensor target, int axis, long classes, DType dtype)
    {
        if (target.DType.IsFloating) return target.Cast(dtype);
        Tensor last = target.Maximum(0).OneHot(classes, dtype);      // the classes come last; targets that are left out by a negative number become class 0
        int[] order = [.. Enumerable.Range(0, axis), last.Rank - 1, .. Enumerable.Range(axis, last.Rank - 1 - axis)];
        return last.Permute(order).Copy();
    }

    /// <summary>The loss of made-up outputs; NaN where it refuses them. What it makes of the model's own is another matter.</summary>
    public static double At(Func<Tensor, Tensor, Tensor> loss, Tensor output, Tensor target)
    {
        try
        {
            Tensor value = loss(output, target);
            return value.Count == 1 ? value.ToDouble() : double.NaN;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            return double.NaN;
        }
    }
}
