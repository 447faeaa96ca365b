using Gradwright.Layers;
using Gradwright.Optim;
using Gradwright.Training;

namespace Gradwright.Tests.Training;

/// <summary>Real trainings of a few milliseconds with several hyperparameters, to compare strategies on.</summary>
internal static class SmallTrainings
{
    private const int Samples = 96;

    /// <summary>Two noisy moons, a perceptron with one hidden layer, 60 steps of SGD with momentum; the validation loss.</summary>
    public static (SearchSpace Space, Func<TrialContext, double> Train) Moons()
    {
        SearchSpace space = new();
        Hyperparameter<double> rate = space.LogUniform("rate", 1e-4, 10), momentum = space.NearOne("momentum", 0, 0.99), decay = space.LogUniform("decay", 1e-6, 0.1);
        Hyperparameter<int> width = space.Integer("width", 2, 64, logarithmic: true);
        return (space, trial =>
        {
            using Sequential model = new(new Linear(2, trial.Get(width)), new Tanh(), new Linear(trial.Get(width), 2));
            model.Initialize(new Generator(trial.Seed));
            using Sgd optimizer = new(model.Parameters(), trial.Get(rate), momentum: trial.Get(momentum), weightDecay: trial.Get(decay));
            return Fit(model, optimizer, 60, MoonSamples(1), MoonSamples(2), (y, t) => Loss.CrossEntropy(y, t));
        });
    }

    /// <summary>A noisy wave, a perceptron with two hidden layers, 50 steps of Adam; the validation error.</summary>
    public static (SearchSpace Space, Func<TrialContext, double> Train) Wave()
    {
        SearchSpace space = new();
        Hyperparameter<double> rate = space.LogUniform("rate", 1e-5, 1), beta1 = space.NearOne("beta1", 0.5, 0.99), beta2 = space.NearOne("beta2", 0.9, 0.9999);
        Hyperparameter<int> width = space.Integer("width", 2, 48, logarithmic: true);
        Hyperparameter<string> activation = space.Choice("activation", "tanh", "relu", "sigmoid");
        return (space, trial =>
        {
            int w = trial.Get(width);
            Func<Module<Tensor, Tensor>> between = trial.Get(activation) switch { "tanh" => () => new Tanh(), "relu" => () => new ReLU(), _ => () => new Sigmoid() };
            using Sequential model = new(new Linear(1, w), between(), new Linear(w, w), between(), new Linear(w, 1));
            model.Initialize(new Generator(trial.Seed));
            using Adam optimizer = new(model.Parameters(), trial.Get(rate), trial.Get(beta1), trial.Get(beta2));
            return Fit(model, optimizer, 50, WaveSamples(1), WaveSamples(2), (y, t) => Loss.MeanSquaredError(y, t));
        });
    }

    private static double Fit(Sequential model, Optimizer optimizer, int steps, (Tensor X, Tensor Y) train, (Tensor X, Tensor Y) validation, Func<Tensor, Tensor, Tensor> loss)
    {
        using TensorScope scope = new();
        for (int step = 0; step < steps; step++)
        {
            using (Tape tape = new()) tape.Backward(loss(model.Forward(train.X), train.Y));
            optimizer.Step();
            optimizer.ZeroGrad();
        }

        double score = loss(model.Forward(validation.X), validation.Y).ToDouble();
        foreach (Tensor tensor in (Tensor[])[train.X, train.Y, validation.X, validation.Y]) tensor.Dispose();
        return score;
    }

    private static (Tensor X, Tensor Y) MoonSamples(ulong seed)
    {
        Generator random = new(seed);
        float[] points = new float[2 * Samples];
        long[] classes = new long[Samples];
        for (int i = 0; i < Samples; i++)
        {
            classes[i] = i % 2;
            double angle = Math.PI * random.NextDouble(), sign = classes[i] == 0 ? 1 : -1;
            points[2 * i] = (float)(sign * Math.Cos(angle) + classes[i] + 0.2 * random.NextNormal());
            points[2 * i + 1] = (float)(sign * Math.Sin(angle) + 0.5 * classes[i] + 0.2 * random.NextNormal());
        }

        return (Tensor.From(points, [Samples, 2]), Tensor.From(classes));
    }

    private static (Tensor X, Tensor Y) WaveSamples(ulong seed)
    {
        Generator random = new(seed);
        float[] x = [.. Enumerable.Range(0, Samples).Select(_ => (float)(4 * random.NextDouble() - 2))];
        float[] y = [.. x.Select(v => (float)(Math.Sin(3 * v) + 0.1 * random.NextNormal()))];
        return (Tensor.From(x, [Samples, 1]), Tensor.From(y, [Samples, 1]));
    }
}
