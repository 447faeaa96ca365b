using Gradwright.Optim;
using NUnit.Framework;

namespace Gradwright.Tests.Fixtures;

/// <summary>Twenty steps of each optimizer against an independent implementation or, where that has none, against the paper's formulas.</summary>
public sealed class OptimizersFixtureTests
{
    private const int Steps = 20;

    private static readonly int[] Shown = [1, 2, 10, 20];

    private static IEnumerable<TestCaseData> Trajectories() => Fixture.Cases("optimizers").Where(c => !((Fixture)c.Arguments[0]!).Name.StartsWith("lbfgs", StringComparison.Ordinal));

    [TestCaseSource(nameof(Trajectories))]
    public void Trajectories_agree(Fixture fixture)
    {
        foreach (DType dtype in (DType[])[DType.Float64, DType.Float32])
        {
            using TensorScope scope = new();
            OrderedDictionary<string, Tensor> inputs = fixture.Tensors("inputs", dtype);
            Tensor[] parameters = [Tensor.Parameter(inputs["w"].Copy()), Tensor.Parameter(inputs["b"].Copy())];
            using Optimizer optimizer = Make(fixture, parameters);
            double[][] expected = [fixture.Values("outputs", "w"), fixture.Values("outputs", "b")];
            var nesterov = optimizer as Nesterov;
            nesterov?.LookAhead();
            for (int t = 1, shown = 0; t <= Steps; t++)
            {
                parameters[0].Grad = inputs["gw"][t - 1];
                parameters[1].Grad = inputs["gb"][t - 1];
                optimizer.Step();
                nesterov?.LookAhead();      // the fixture shows where gradients are taken
                if (t != Shown[shown]) continue;
                for (int k = 0; k < 2; k++)
                {
                    int n = (int)parameters[k].Count;
                    Values.AssertClose(HostValues.Of(parameters[k]), expected[k][(shown * n)..((shown + 1) * n)], dtype == DType.Float64 ? 1e-10 : 2e-5, $"{dtype}, parameter {k}, step {t}");
                }

                shown++;
            }

            foreach (Tensor parameter in parameters) parameter.Dispose();
        }
    }

    [TestCaseSource(typeof(Fixture), nameof(Fixture.Cases), ["optimizers", "lbfgs"])]
    public void Lbfgs_takes_the_same_points(Fixture fixture)
    {
        using TensorScope scope = new();
        using Tensor x = Tensor.Parameter(fixture.Tensors("inputs", DType.Float64)["x"].Copy());
        using LBfgs optimizer = new([x], fixture.Number("lr"), fixture.Integer("max_iter"), historySize: fixture.Integer("history_size"), lineSearch: fixture.Flag("search"));
        double[] points = fixture.Values("outputs", "points");
        int n = (int)x.Count;
        for (int i = 0; i < points.Length / n; i++)
        {
            optimizer.Step(() => fixture.Name.Contains("bowl", StringComparison.Ordinal) ? Bowl(x) : Rosenbrock(x));
            Values.AssertClose(x.ToArray<double>(), points[(i * n)..((i + 1) * n)], 1e-8, $"call {i}");     // divisions by small differences lose digits
        }

        static Tensor Bowl(Tensor x) => ((x - 0.5).Square() * Tensor.Arange(1, x.Count + 1, dtype: DType.Float64)).Sum();

        static Tensor Rosenbrock(Tensor x)
        {
            Tensor a = x.Slice(0, 0, x.Count - 1), b = x.Slice(0, 1, x.Count - 1);
            return ((b - a.Square()).Square() * 100 + (1 - a).Square()).Sum();
        }
    }

    private static Optimizer Make(Fixture f, Tensor[] x)
    {
        double rate = f.Number("lr"), decay = f.Number("decay", 0), momentum = f.Number("momentum", 0);
        return f.Text("optimizer") switch
        {
            "sgd" => new Sgd(x, rate, momentum, f.Flag("nesterov"), decay, f.Number("dampening", 0)),
            "nesterov" => new Nesterov(x, rate, momentum, decay),
            "adagrad" => new Adagrad(x, rate, weightDecay: decay, initialSum: f.Number("initial", 0)),
            "rmsprop" => new RmsProp(x, rate, f.Number("rho"), f.Number("epsilon"), momentum, f.Flag("centred"), decay),
            "adadelta" => new Adadelta(x, rate, f.Number("rho"), f.Number("epsilon"), decay),
            "adam" => new Adam(x, rate, f.Number("beta1"), f.Number("beta2"), f.Number("epsilon"), decay, f.Flag("amsgrad"), !f.Flag("uncorrected")),
            "adamw" => new AdamW(x, rate, f.Number("beta1"), f.Number("beta2"), f.Number("epsilon"), decay, f.Flag("amsgrad")),
            "nadam" => new NAdam(x, rate, f.Number("beta1"), f.Number("beta2"), f.Number("epsilon"), decay, f.Number("momentum_decay")),
            "lion" => new Lion(x, rate, f.Number("beta1"), f.Number("beta2"), decay),
            "lars" => new Lars(x, rate, momentum, decay, f.Number("trust")),
            "lamb" => new Lamb(x, rate, f.Number("beta1"), f.Number("beta2"), f.Number("epsilon"), decay),
            "muon" => new Muon(x, rate, momentum, weightDecay: decay, otherFactor: f.Number("other")),
            string other => throw new ArgumentException(other),
        };
    }
}
