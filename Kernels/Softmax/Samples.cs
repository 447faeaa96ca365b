using System.Numerics;

namespace Gradwright.Kernels;

/// <summary>The samples of a cross-entropy: logits [N, C, inner], one target class each, perhaps class weights.</summary>
internal readonly unsafe struct Samples<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly CrossEntropy _op;
    private readonly long* _targets;
    private readonly T* _weights;
    private readonly double _weightSum;

    public Samples(CrossEntropy op, Shape logits, long* targets, T* weights)
    {
        (_op, View) = (op, new(logits, 1));
        _targets = targets;
        _weights = weights;
        _weightSum = View.Length;
        if (weights == null) return;
        _weightSum = 0;
        for (long c = 0; c < View.Length; c++) _weightSum += double.CreateTruncating(weights[c]);
    }

    public readonly AxisView View;

    public long Count => View.Outer * View.Inner;

    /// <summary>What label smoothing gives each class, before its weight.</summary>
    public double Spread => _op.LabelSmoothing / View.Length;

    /// <summary>Every class has the same weight.</summary>
    public bool IsUniform => _weights == null;

    public bool IsIgnored(long sample) => _targets[sample] == _op.IgnoreIndex;

    /// <exception cref="ArgumentOutOfRangeException">A target is no class; the message names its position.</exception>
    public void CheckTargets(Shape shape)
    {
        for (long i = 0; i < Count; i++)
            if ((ulong)_targets[i] >= (ulong)View.Length && !IsIgnored(i)) throw CrossEntropy.NoClass(shape, i, _targets[i], View.Length, _op.IgnoreIndex);
    }

    public double Weight(long c) => _weights == null ? 1 : double.CreateTruncating(_weights[c]);

    /// <summary>w_t, or 0 for a sample that is left out.</summary>
    public double TargetWeight(long sample) => IsIgnored(sample) ? 0 : Weight(_targets[sample]);

    /// <summary>Σ_c a_c: what the sample's probabilities are weighted with in the gradient.</summary>
    public double TotalWeight(long sample) => IsIgnored(sample) ? 0 : (1 - _op.LabelSmoothing) * TargetWeight(sample) + Spread * _weightSum;

    /// <summary>The sample's element of its target class, in the order of the logits.</summary>
    public long TargetElement(long sample) => Element(sample, _targets[sample]);

    public long Element(long sample, long c) => sample / View.Inner * View.Length * View.Inner + c * View.Inner + sample % View.Inner;

    /// <summary>−Σ_c a_c (x_c − m − ln Σ eˣ⁻ᵐ).</summary>
    /// <param name="x">The logits.</param>
    /// <param name="sample">Which sample.</param>
    /// <param name="max">m.</param>
    /// <param name="logSum">ln Σ eˣ⁻ᵐ.</param>
    /// <param name="shifted">Σ (x − m).</param>
    public double Loss(T* x, long sample, T max, T logSum, T shifted)
    {
        if (IsIgnored(sample)) return 0;
        double log = double.CreateTruncating(logSum), hard = log - double.CreateTruncating(x[TargetElement(sample)] - max);
        if (_op.LabelSmoothing == 0) return TargetWeight(sample) * hard;
        double soft = _weightSum * log;
        if (IsUniform) soft -= double.CreateTruncating(shifted);
        else for (long c = 0; c < View.Length; c++) soft -= Weight(c) * double.CreateTruncating(x[Element(sample, c)] - max);
        return (1 - _op.LabelSmoothing) * TargetWeight(sample) * hard + Spread * soft;
    }
}
