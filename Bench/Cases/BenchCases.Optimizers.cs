using Gradwright.Models;
using Gradwright.Optim;

namespace Gradwright.Bench;

internal static partial class BenchCases
{
    /// <summary>One update of the parameters of ResNet-18; an optimizer here always takes them in one call, as the peer's "foreach" does.</summary>
    private static IEnumerable<BenchCase> Optimizers()
    {
        const string Parameters = "62 tensors 11.69M";
        const double Bytes = 4 * 11_689_512.0;
        foreach (string suffix in (string[])["", "_foreach"])
        {
            yield return new("E", "sgd_momentum" + suffix, Parameters, () => Update(p => new Sgd(p, 1e-4, momentum: 0.9)), 5 * Bytes);
            yield return new("E", "adam" + suffix, Parameters, () => Update(p => new Adam(p, 1e-5)), 7 * Bytes);
        }
    }

    private static Workload Update(Func<IReadOnlyList<Tensor>, Optimizer> make)
    {
        IReadOnlyList<Tensor> parameters = new ResNet18().Parameters();
        foreach (Tensor parameter in parameters) parameter.Grad = Operand.Normal(parameter.Shape, parameter.DType) * 0.01;
        return (Action)make(parameters).Step;
    }
}
