using Gradwright.Kernels;

namespace Gradwright;

/// <summary>A hunt for the first NaN.</summary>
public static class Anomaly
{
    [ThreadStatic] private static int _depth;

    [ThreadStatic] private static Node? _differentiating;

    internal static bool IsOn => _depth > 0;

    /// <summary>The recorded op whose derivative is running, for messages.</summary>
    internal static Node? Differentiating
    {
        set => _differentiating = value;
    }

    /// <summary>
    /// Until disposed, every op on this thread, forward and backward, is checked: the first that makes a NaN throws an <see cref="AnomalyException"/> naming it,
    /// its operands' ranges and the module path. Slow; for hunting.
    /// </summary>
    public static Detection Detect() => new(1);

    internal static void Check(Op op, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        for (int j = 0; j < y.Length; j++)
        {
            if (y[j] is not { } result || !HasNaN(result)) continue;
            List<string> operands = [];
            for (int i = 0; i < x.Length; i++) operands.Add($"operand {i} {x[i].Describe()} {Range(x[i])}");
            string place = _differentiating is { } node ? $", within the derivative of {node.Op.Name}{At(node.Path)}" : At(CallPath.Current);
            throw new AnomalyException($"{op.Name} made a NaN in its result {result.Shape}{place}. {string.Join("; ", operands)}.");
        }
    }

    internal static void CheckGradient(Op op, int operand, Tensor gradient, string? path)
    {
        if (HasNaN(gradient))
            throw new AnomalyException($"The derivative of {op.Name} made a NaN in the gradient of operand {operand} {gradient.Shape}{At(path)}. The forward pass may have hit an infinite slope, such as √0 or log 0.");
    }

    private static string At(string? path) => path is null ? "" : $" (at {path})";

    private static bool HasNaN(Tensor x) => x.DType.IsFloating && HostValues.Of(x).Any(double.IsNaN);

    private static string Range(Tensor x)
    {
        if (!x.DType.IsFloating || x.Count == 0) return "";
        double[] values = HostValues.Of(x);
        int nan = values.Count(double.IsNaN);
        double[] numbers = [.. values.Where(v => !double.IsNaN(v))];
        string range = numbers.Length == 0 ? "" : $"in [{numbers.Min():G4}, {numbers.Max():G4}]";
        return nan == 0 ? range : $"{range} with {nan} NaN";
    }

    /// <summary>The span in which <see cref="Detect"/> holds.</summary>
    public readonly ref struct Detection
    {
        private readonly int _step;

        internal Detection(int step)
        {
            _step = step;
            _depth += step;
        }

        public void Dispose() => _depth -= _step;
    }
}

/// <summary>An op made a NaN while <see cref="Anomaly.Detect"/> was on.</summary>
public sealed class AnomalyException(string message) : ArithmeticException(message);
