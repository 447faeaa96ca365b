namespace Gradwright.Layers;

/// <summary>
/// An affine map whose units take the largest of several pieces (Goodfellow et al. 2013, "Maxout Networks"): y[i] = maxⱼ (x · Wᵀ + b)[i · pieces + j];
/// [.., inputs] → [.., outputs]. Two pieces can be a ReLU or an absolute value; more make any convex function.
/// </summary>
/// <param name="inputs">Length of the last dimension of x.</param>
/// <param name="outputs">Length of the last dimension of y.</param>
/// <param name="pieces">Affine functions per unit.</param>
/// <param name="bias">Whether b is there.</param>
/// <param name="dtype">The type of the parameters.</param>
public sealed class Maxout(int inputs, int outputs, int pieces = 2, bool bias = true, DType dtype = DType.Float32) : Module<Tensor, Tensor>
{
    [StateName("")]
    private readonly Linear _linear = Create(inputs, outputs, pieces, bias, dtype);

    /// <summary>W, [outputs · pieces, inputs], the pieces of a unit one after the other.</summary>
    public Tensor Weight => _linear.Weight;

    /// <summary>b, [outputs · pieces], or null.</summary>
    public Tensor? Bias => _linear.Bias;

    protected override Tensor ForwardCore(Tensor x) => _linear.Forward(x).Maxout(pieces);

    public override string ToString() => $"Maxout({inputs} → {outputs}, {pieces} pieces{(bias ? "" : ", bias: false")})";

    private static Linear Create(int inputs, int outputs, int pieces, bool bias, DType dtype)
    {
        Positive.Check(nameof(Maxout), (nameof(inputs), inputs), (nameof(outputs), outputs), (nameof(pieces), pieces));
        return new(inputs, checked(outputs * pieces), bias, dtype);
    }
}
