namespace Gradwright.Layers;

/// <summary>x · sigmoid(βx) (Ramachandran et al. 2017, "Searching for Activation Functions"), with a fixed β or one that is learnt.</summary>
/// <param name="beta">β, or what it starts with. At 1 it is SiLU.</param>
/// <param name="learnt">Whether β is a parameter.</param>
/// <param name="dtype">The type of the parameter.</param>
public sealed class Swish(double beta = 1, bool learnt = false, DType dtype = DType.Float32) : Module<Tensor, Tensor>
{
    /// <summary>The learnt β, a scalar, or null.</summary>
    public Tensor? Beta { get; } = learnt ? Tensor.Parameter([], dtype) : null;

    protected override Tensor ForwardCore(Tensor x) => Beta is null ? x.Swish(beta) : x.Swish(Beta);

    protected override void Reset(Generator generator) => Beta?.FillInPlace(beta);

    public override string ToString() => $"Swish({beta}{(learnt ? ", learnt: true" : "")})";
}
