using Gradwright.Layers;
using NUnit.Framework;

namespace Gradwright.Tests.Fixtures;

[InTensorScope]
public sealed class LossesFixtureTests
{
    [TestCaseSource(typeof(Fixture), nameof(Fixture.Cases), ["losses", ""])]
    public void Losses_agree_with_an_independent_implementation(Fixture fixture)
    {
        string name = fixture.Name[..fixture.Name.LastIndexOf(',')];
        Reduction reduction = Enum.Parse<Reduction>(fixture.Text("reduction"), ignoreCase: true);
        fixture.Check(x => [Compute(name, fixture, x, reduction)]);
    }

    internal static Tensor Compute(string name, Fixture f, Tensor[] x, Reduction reduction) => name switch
    {
        "l1" => Loss.MeanAbsoluteError(x[0], x[1], reduction),
        "mse" => Loss.MeanSquaredError(x[0], x[1], reduction),
        "huber" => Loss.Huber(x[0], x[1], f.Number("delta"), reduction),
        "smooth l1" => Loss.SmoothL1(x[0], x[1], f.Number("beta"), reduction),
        "insensitive" => Loss.EpsilonInsensitive(x[0], x[1], f.Number("epsilon"), false, reduction),
        "gaussian" => Loss.GaussianNegativeLogLikelihood(x[0], x[1], x[2], reduction),
        "cross-entropy" => Loss.CrossEntropy(x[0], x[1], x[2].Detach(), f.Integer("ignore"), f.Number("smoothing"), reduction),
        "soft cross-entropy" => Loss.CrossEntropy(x[0], x[1], x[2], labelSmoothing: f.Number("smoothing"), reduction: reduction),
        "nll" => Loss.NegativeLogLikelihood(x[0], x[1], x[2], f.Integer("ignore"), reduction),
        "nll pixels" => Loss.NegativeLogLikelihood(x[0], x[1], reduction: reduction),
        "logits" => Loss.BinaryCrossEntropyWithLogits(x[0], x[1], x[2].Detach(), x[3].Detach(), reduction: reduction),
        "probabilities" => Loss.BinaryCrossEntropy(x[0], x[1], x[2].Detach(), reduction: reduction),
        "multi-label" => Loss.MultiLabelSoftMargin(x[0], x[1], x[2].Detach(), reduction),
        "hinge" => Loss.Hinge(x[0], x[1], 1, false, reduction),
        "focal" => Loss.Focal(x[0], x[1], reduction: reduction),
        "multiclass hinge 1" or "multiclass hinge 2" => Loss.MulticlassHinge(x[0], x[1], f.Number("margin"), f.Integer("p") == 2, reduction),
        "kl" => Loss.KullbackLeibler(x[0], x[1], 1, reduction),
        "normal" => Loss.NormalDivergence(x[0], x[1], reduction),
        "distillation" => Loss.Distillation(x[0], x[1], f.Number("temperature"), reduction),
        "triplet 2 False" or "triplet 2 True" or "triplet 1 False" => Loss.Triplet(x[0], x[1], x[2], f.Number("margin"), f.Number("p"), f.Flag("swap"), reduction),
        "cosine" => Loss.CosineEmbedding(x[0], x[1], x[2], f.Number("margin"), reduction),
        "contrastive" => Loss.Contrastive(x[0], x[1], x[2], f.Number("margin"), reduction),
        "infonce" => Loss.InfoNce(x[0], x[1], f.Number("temperature"), reduction),
        "ntxent" => Loss.NtXent(x[0], x[1], f.Number("temperature"), reduction),
        "vq" => Loss.VectorQuantization(x[0], x[1], f.Number("beta"), reduction),
        _ => throw new ArgumentException($"There is no loss '{name}'."),
    };
}
