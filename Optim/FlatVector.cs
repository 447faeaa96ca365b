using Gradwright.Kernels;

namespace Gradwright.Optim;

/// <summary>A vector of as many numbers as a model has parameters: one flat tensor for each accelerator and element type. Owns its memory.</summary>
internal sealed class FlatVector(Tensor[] parts) : IDisposable
{
    public IReadOnlyList<Tensor> Parts => parts;

    public FlatVector Copy()
    {
        using (TensorScope.Suspend()) return new(Array.ConvertAll(parts, part => new Copy().Execute(part)));
    }

    /// <summary>Σ aᵢbᵢ. Waits for the accelerator.</summary>
    public double Dot(FlatVector other)
    {
        using TensorScope scope = new();
        double sum = 0;
        for (int i = 0; i < parts.Length; i++) sum += parts[i].MatMul(other.Parts[i]).ToDouble();
        return sum;
    }

    /// <summary>this ← this + factor · other.</summary>
    public void Add(double factor, FlatVector other)
        => OptimizerKernels.Sgd([.. parts.Select((part, i) => new ParameterUpdate(part, other.Parts[i], null, null, 1))], new(-factor));

    /// <summary>this ← factor · this.</summary>
    public void Scale(double factor) => GradientKernels.Scale(parts, factor);

    /// <summary>max |aᵢ|; NaN if one is NaN. Waits for the accelerator.</summary>
    public double LargestMagnitude()
    {
        using TensorScope scope = new();
        double largest = 0;
        foreach (Tensor part in parts) largest = Math.Max(largest, part.Abs().Max().ToDouble());
        return largest;
    }

    /// <summary>Σ |aᵢ|. Waits for the accelerator.</summary>
    public double SumOfMagnitudes()
    {
        using TensorScope scope = new();
        return parts.Sum(part => part.Abs().Sum().ToDouble());
    }

    public void Dispose()
    {
        foreach (Tensor part in parts) part.Dispose();
    }
}
