using Gradwright.Layers;
using NUnit.Framework;

namespace Gradwright.Tests.Layers;

/// <summary>Initial values: their statistics, and what they do to a deep network.</summary>
[InTensorScope]
public sealed class InitialisationTests
{
    // [outputs, inputs, window]: fan-in 100 · 9, fan-out 40 · 9.
    private static readonly Shape _weight = [40, 100, 3, 3];

    private static IEnumerable<TestCaseData> Deviations()
    {
        (Initializer Rule, double Deviation)[] rules =
        [
            (Init.Normal(), 0.01), (Init.Normal(0.5), 0.5), (Init.Uniform(0.3), 0.3 / Math.Sqrt(3)), (Init.Uniform(-0.5, 0.5), 0.5 / Math.Sqrt(3)),
            (Init.LeCunNormal(), Math.Sqrt(1.0 / 900)), (Init.LeCunUniform(3), 3 * Math.Sqrt(1.0 / 900)),
            (Init.XavierNormal(), Math.Sqrt(2.0 / 1260)), (Init.XavierUniform(5.0 / 3), 5.0 / 3 * Math.Sqrt(2.0 / 1260)),
            (Init.KaimingNormal(), Math.Sqrt(2.0 / 900)), (Init.KaimingUniform(0.5), Math.Sqrt(2 / 1.25 / 900)),
            (Init.KaimingNormal(0, Fan.Out), Math.Sqrt(2.0 / 360)), (Init.KaimingUniform(0, Fan.Average), Math.Sqrt(2.0 / 630)),
            (Init.KaimingNormal().Transposed(), Math.Sqrt(2.0 / 360)), (Init.KaimingNormal().Transposed(groups: 4), Math.Sqrt(2.0 / 90)),
            // The variance of a normal number within ±2: 1 − 4 φ(2) / (2 Φ(2) − 1).
            (Init.TruncatedNormal(0.02), 0.02 * Math.Sqrt(1 - 4 * Math.Exp(-2) / Math.Sqrt(2 * Math.PI) / 0.954499736103642)),
        ];
        return rules.SelectMany(rule => new[] { DType.Float32, DType.Float64 }.Select(dtype => new TestCaseData(rule.Rule, rule.Deviation, dtype).SetArgDisplayNames($"{rule.Rule}", $"{dtype}")));
    }

    [TestCaseSource(nameof(Deviations))]
    public void Values_have_the_rules_mean_and_deviation(Initializer rule, double deviation, DType dtype)
    {
        double[] values = Make(rule, _weight, dtype);
        double n = values.Length, mean = values.Average(), found = Math.Sqrt(values.Average(v => v * v));
        // Four standard errors: of a mean, and of a normal number's deviation (a uniform one's is smaller).
        Assert.That(mean, Is.EqualTo(0).Within(4 * deviation / Math.Sqrt(n)));
        Assert.That(found, Is.EqualTo(deviation).Within(4 * deviation / Math.Sqrt(2 * n)));
        Assert.That(Make(rule, _weight, dtype), Is.EqualTo(values), "the same seed gives the same values");
    }

    [Test]
    public void Uniform_and_truncated_values_keep_their_limits()
    {
        Assert.That(Make(Init.Uniform(0.3), _weight), Has.All.InRange(-0.3, 0.3));
        Assert.That(Make(Init.Uniform(2, 3), _weight), Has.All.InRange(2, 3));
        double[] values = Make(Init.TruncatedNormal(0.5, 1.5), _weight);
        Assert.That(values, Has.All.InRange(-0.75, 0.75));
        Assert.That(values.Max(Math.Abs), Is.GreaterThan(0.74), "nothing is cut off below the limit");
        Assert.That(() => Init.TruncatedNormal(1, 0), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("limit"));
    }

    [Test]
    public void Constants_are_what_they_say()
    {
        Assert.That(Make(Init.Zeros, [3, 2]), Is.All.EqualTo(0));
        Assert.That(Make(Init.Ones, [3, 2]), Is.All.EqualTo(1));
        Assert.That(Make(Init.Constant(-1.5), [3, 2]), Is.All.EqualTo(-1.5));
    }

    [Test]
    public void Fans_count_the_window_and_know_transposed_weights()
    {
        Assert.That(Init.Fans([5, 7]), Is.EqualTo((7, 5)));
        Assert.That(Init.Fans([5, 7, 3]), Is.EqualTo((21, 15)), "one-dimensional convolution");
        Assert.That(Init.Fans([5, 7, 3, 2]), Is.EqualTo((42, 30)));
        Assert.That(Init.Fans([5, 7, 3, 2, 4]), Is.EqualTo((168, 120)), "volumes");
        Assert.That(Init.Fans([5, 7, 3, 2], transposed: true), Is.EqualTo((30, 42)));
        Assert.That(() => Init.Fans([5]), Throws.TypeOf<ShapeException>().With.Message.Contains("biases"));
        Assert.That(() => Make(Init.KaimingNormal(), [5]), Throws.TypeOf<ShapeException>());
        Assert.That(() => Make(Init.KaimingNormal().Transposed(groups: 2), [5, 3]), Throws.TypeOf<ShapeException>().With.Message.Contains("2 groups"));
    }

    [Test]
    public void Gains_undo_what_nonlinearities_shrink()
    {
        Assert.That(Init.Gain(Nonlinearity.Linear), Is.EqualTo(1));
        Assert.That(Init.Gain(Nonlinearity.Sigmoid), Is.EqualTo(1));
        Assert.That(Init.Gain(Nonlinearity.Tanh), Is.EqualTo(5.0 / 3));
        Assert.That(Init.Gain(Nonlinearity.ReLU), Is.EqualTo(Math.Sqrt(2)));
        Assert.That(Init.Gain(Nonlinearity.LeakyReLU, 0.2), Is.EqualTo(Math.Sqrt(2 / 1.04)));
        Assert.That(Init.Gain(Nonlinearity.SELU), Is.EqualTo(0.75));
    }

    [TestCase(6, 10)]
    [TestCase(10, 6)]
    [TestCase(7, 7)]
    public void Orthogonal_rows_or_columns_are_orthogonal(int rows, int columns)
    {
        Tensor w = Tensor.From(Make(Init.Orthogonal(2), [rows, columns]), [rows, columns]);
        Tensor product = rows <= columns ? w.MatMul(w.Transpose()) : w.Transpose().MatMul(w);
        int n = Math.Min(rows, columns);
        Assert.That(product.ToArray<double>(), Is.EqualTo((4 * Tensor.Eye(n, dtype: DType.Float64)).ToArray<double>()).Within(1e-12));
        Assert.That(Make(Init.Orthogonal(), [4, 3, 2, 1]).Sum(v => v * v), Is.EqualTo(4).Within(1e-12), "a convolution's filters are its rows");
        Assert.That(() => Make(Init.Orthogonal(), [4]), Throws.TypeOf<ShapeException>().With.Message.Contains("biases").IgnoreCase);
    }

    [Test]
    public void Orthogonal_matrices_prefer_no_direction()
    {
        // Without the signs of R, Householder's first column would always point to one side.
        double[] corners = [.. Enumerable.Range(0, 200).Select(seed => Make(Init.Orthogonal(), [3, 3], DType.Float64, (ulong)seed)[0])];
        Assert.That(corners.Average(), Is.EqualTo(0).Within(4 / Math.Sqrt(3 * 200)));
        Assert.That(corners.Count(v => v > 0), Is.InRange(70, 130));
    }

    [Test]
    public void Sparse_units_have_ten_connections()
    {
        double[] values = Make(Init.Sparse(), [50, 300]);
        double[][] rows = [.. values.Chunk(300)];
        Assert.That(rows.Select(row => row.Count(v => v != 0)), Is.All.EqualTo(10));
        Assert.That(rows.Select(row => Array.FindIndex(row, v => v != 0)).Distinct().Count(), Is.GreaterThan(20), "each unit chooses its own");
        Assert.That(values.Where(v => v != 0).Average(v => v * v), Is.EqualTo(1).Within(0.3));
        Assert.That(Make(Init.Sparse(), [2, 3]).Count(v => v != 0), Is.EqualTo(6), "no more than there are");
        Assert.That(() => Init.Sparse(0), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Identity_and_dirac_layers_pass_their_input_on()
    {
        using Linear linear = new(4, 4, bias: false) { WeightInit = Init.Identity() };
        Tensor x = Tensor.Normal([3, 4], new(1));
        Assert.That(linear.Forward(x).ToArray<float>(), Is.EqualTo(x.ToArray<float>()));
        using Conv2D convolution = new(4, 4, 3, padding: 1, groups: 2, bias: false) { WeightInit = Init.Dirac(groups: 2) };
        Tensor picture = Tensor.Normal([2, 4, 5, 6], new(2));
        Assert.That(convolution.Forward(picture).ToArray<float>(), Is.EqualTo(picture.ToArray<float>()));
        Assert.That(() => Make(Init.Identity(), [2, 2, 3]), Throws.TypeOf<ShapeException>().With.Message.Contains("Dirac"));
        Assert.That(() => Make(Init.Dirac(), [2, 2]), Throws.TypeOf<ShapeException>().With.Message.Contains("Identity"));
        Assert.That(() => Make(Init.Dirac(3), [4, 2, 3]), Throws.TypeOf<ShapeException>().With.Message.Contains("3 groups"));
    }

    [Test]
    public void Tanh_with_xavier_keeps_its_spread_and_with_small_numbers_dies()
    {
        double[] xavier = Spread(Init.XavierNormal(), x => x.Tanh()), gained = Spread(Init.XavierNormal(Init.Gain(Nonlinearity.Tanh)), x => x.Tanh());
        Assert.That(xavier[^1], Is.GreaterThan(0.15), "ten layers on");
        Assert.That(xavier[^1] / xavier[^2], Is.GreaterThan(0.9));
        Assert.That(gained[^1] / gained[^2], Is.EqualTo(1).Within(0.03), "with tanh's gain nothing is lost from layer to layer");
        double[] small = Spread(Init.Normal(), x => x.Tanh());
        Assert.That(small[0], Is.EqualTo(0.01 * 16).Within(0.01));
        Assert.That(small[^1], Is.LessThan(1e-7));
        double[] large = Spread(Init.Normal(1), x => x.Tanh());
        Assert.That(large, Has.All.GreaterThan(0.9), "large numbers saturate: everything is ±1, and gradients vanish");
    }

    [Test]
    public void ReLU_with_kaiming_keeps_its_spread_and_with_xavier_shrinks()
    {
        double[] kaiming = Spread(Init.KaimingNormal(), x => x.Relu()), xavier = Spread(Init.XavierNormal(), x => x.Relu());
        Assert.That(kaiming[^1] / kaiming[0], Is.InRange(0.6, 1.6));
        // Half of the variance is lost in each layer.
        Assert.That(xavier[^1] / xavier[0] * Math.Pow(2, 9 / 2.0), Is.InRange(0.6, 1.6));
    }

    [Test]
    public void Orthogonal_linear_layers_keep_lengths_exactly()
    {
        double[] spread = Spread(Init.Orthogonal(), x => x);
        Assert.That(spread[^1], Is.EqualTo(spread[0]).Within(1e-10));
    }

    [TestCase(0)]
    [TestCase(0.1)]
    public void Equal_initial_weights_keep_all_hidden_units_equal(double value)
    {
        Initializer rule = Init.Constant(value);
        Linear first = new(3, 5, dtype: DType.Float64) { WeightInit = rule, BiasInit = rule }, second = new(5, 2, dtype: DType.Float64) { WeightInit = rule, BiasInit = rule };
        using Sequential model = new(first, new Gradwright.Layers.Tanh(), second);
        Generator generator = new(3);
        Tensor x = Tensor.Normal([20, 3], generator, dtype: DType.Float64), target = Tensor.Normal([20, 2], generator, dtype: DType.Float64);
        double[] losses = new double[30];
        for (int step = 0; step < losses.Length; step++)
        {
            using (Tape tape = new())
            {
                Tensor loss = Loss.MeanSquaredError(model.Forward(x), target);
                losses[step] = loss.Detach().ToArray<double>()[0];
                tape.Backward(loss);
            }

            foreach (Tensor p in model.Parameters()) p.SubtractInPlace(0.1 * p.Grad!);
            model.ZeroGrad();
        }

        Assert.That(losses[^1], Is.LessThan(losses[0]), "it does learn");
        double[][] units = [.. first.Weight.ToArray<double>().Chunk(3)];
        foreach (double[] unit in units) Assert.That(unit, Is.EqualTo(units[0]), "but as one unit");
    }

    /// <summary>The root mean square of the activations after each of ten layers of 256 units, from normal inputs.</summary>
    private static double[] Spread(Initializer rule, Func<Tensor, Tensor> activation)
    {
        Generator generator = new(11);
        Tensor x = Tensor.Normal([400, 256], generator, dtype: DType.Float64);
        double[] spread = new double[10];
        for (int layer = 0; layer < spread.Length; layer++)
        {
            using Linear linear = new(256, 256, bias: false, dtype: DType.Float64) { WeightInit = rule };
            linear.Initialize(generator.Fork((ulong)layer));
            x = activation(linear.Forward(x));
            spread[layer] = Math.Sqrt(x.Square().Mean().ToArray<double>()[0]);
        }

        return spread;
    }

    private static double[] Make(Initializer rule, Shape shape, DType dtype = DType.Float64, ulong seed = 5)
    {
        using Tensor parameter = Tensor.Parameter(shape, dtype);
        rule.Fill(parameter, new Generator(seed));
        return parameter.Detach().Cast(DType.Float64).ToArray<double>();
    }
}
