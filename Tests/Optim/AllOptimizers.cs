using Gradwright.Optim;
using NUnit.Framework;

namespace Gradwright.Tests.Optim;

/// <summary>Every optimizer in its variants, for facts that hold for all.</summary>
internal static class AllOptimizers
{
    public static IEnumerable<TestCaseData> Cases()
    {
        yield return Case("Sgd", x => new Sgd(x, 0.02));
        yield return Case("Sgd with decay", x => new Sgd(x, 0.02, weightDecay: 0.05));
        yield return Case("Sgd with momentum", x => new Sgd(x, 0.02, momentum: 0.9, weightDecay: 0.05));
        yield return Case("Sgd with look-ahead", x => new Sgd(x, 0.02, momentum: 0.9, nesterov: true));
        yield return Case("Sgd with dampening", x => new Sgd(x, 0.02, momentum: 0.9, dampening: 0.3));
        yield return Case("Nesterov", x => new Nesterov(x, 0.02, momentum: 0.9, weightDecay: 0.05));
        yield return Case("Adam", x => new Adam(x, 0.01, beta1: 0.8, beta2: 0.95, epsilon: 1e-6));
        yield return Case("Adam with decay", x => new Adam(x, 0.01, weightDecay: 0.05));
        yield return Case("Adam without bias correction", x => new Adam(x, 0.01, biasCorrection: false));
        yield return Case("AMSGrad", x => new Adam(x, 0.01, weightDecay: 0.05, amsGrad: true));
        yield return Case("AdamW", x => new AdamW(x, 0.01, weightDecay: 0.05));
        yield return Case("AdamW with AMSGrad", x => new AdamW(x, 0.01, amsGrad: true));
        yield return Case("NAdam", x => new NAdam(x, 0.01));
        yield return Case("NAdam with decay", x => new NAdam(x, 0.01, weightDecay: 0.05, decoupled: true));
        yield return Case("Adagrad", x => new Adagrad(x, 0.01, epsilon: 1e-3, weightDecay: 0.05));
        yield return Case("RmsProp", x => new RmsProp(x, 0.01, epsilon: 1e-3, weightDecay: 0.05));
        yield return Case("RmsProp, centred", x => new RmsProp(x, 0.01, epsilon: 1e-2, centred: true));
        yield return Case("RmsProp with momentum", x => new RmsProp(x, 0.01, epsilon: 1e-3, momentum: 0.9));
        yield return Case("RmsProp, centred, with momentum", x => new RmsProp(x, 0.01, epsilon: 1e-2, momentum: 0.5, centred: true));
        yield return Case("Adadelta", x => new Adadelta(x, 0.5, epsilon: 1e-3, weightDecay: 0.05));
        yield return Case("Lion", x => new Lion(x, 0.01, weightDecay: 0.05));
        yield return Case("Lars", x => new Lars(x, 0.5, trust: 0.01));
        yield return Case("Lamb", x => new Lamb(x, 0.01));
        yield return Case("Muon", x => new Muon(x, 0.01, weightDecay: 0.05));

        static TestCaseData Case(string name, Func<Tensor[], Optimizer> make) => new TestCaseData(make).SetArgDisplayNames(name);
    }

    /// <summary>One step with the gradients of step t.</summary>
    public static void Step(TestModel model, Optimizer optimizer, int t)
    {
        (optimizer as Nesterov)?.LookAhead();
        model.SetGradients(t);
        optimizer.Step();
    }
}
