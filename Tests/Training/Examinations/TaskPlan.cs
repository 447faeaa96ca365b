using Gradwright.Data;
using Gradwright.Layers;
using Gradwright.Optim;

namespace Gradwright.Tests.Training.Examinations;

/// <summary>How a task is made, with a place in the middle of its model where a fault can be planted.</summary>
/// <param name="Build">The model around its middle.</param>
/// <param name="LossFunction">The loss.</param>
/// <param name="Data">The samples; where labels are to be shuffled, they are already.</param>
/// <param name="Optimizer">With a rate that suits.</param>
/// <param name="Width">Features or channels of the middle.</param>
/// <param name="Signal">What the middle gets.</param>
internal sealed record TaskPlan(Func<Module<Tensor, Tensor>, Module<Tensor, Tensor>> Build, Func<Tensor, Tensor, Tensor> LossFunction, IDataset Data,
    Func<IReadOnlyList<Tensor>, Optimizer> Optimizer, int Width, Signal Signal)
{
    private const float FarBelowZero = -100;

    /// <summary>What is planted as a second softmax: a softmax over the classes, or a sigmoid where the loss applies one.</summary>
    public Module<Tensor, Tensor> Second { get; init; } = new Softmax(-1);

    /// <summary>Samples in a batch.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>The task, with a fault or without one.</summary>
    /// <param name="fault">What is planted.</param>
    /// <param name="seed">Of the weights.</param>
    /// <param name="wrong">Makes a layer whose gradient is wrong.</param>
    public PlantedTask Plant(Fault fault, ulong seed, Func<Module<Tensor, Tensor>> wrong)
    {
        Module<Tensor, Tensor> model = Build(fault switch { Fault.DeadLayer => Dead(), Fault.WrongGradient => wrong(), _ => new Identity() });
        if (fault == Fault.SoftmaxTwice) model = new Sequential(model, Second);
        model.Initialize(new Generator(seed));
        if (fault == Fault.ZeroInitialisation)
        {
            foreach ((string parameter, Tensor weight) in model.NamedParameters())
                if (weight.Rank >= 2 || parameter.Contains("bias")) weight.FillInPlace(0);
        }

        Optimizer trained = Optimizer(model.Parameters());
        double factor = fault switch { Fault.RateTimes100 => 100, Fault.RateOver1000 => 1e-3, _ => 1 };
        if (factor != 1) trained.Schedule = trained.Schedule.ScaledBy(factor);
        return new(model, LossFunction, trained, new DataLoader(Data, BatchSize, shuffleSeed: 5));
    }

    // Its rectifiers never fire.
    private Sequential Dead() => new(Signal switch
    {
        Signal.Images => new Conv2D(Width, Width, 1) { BiasInit = Init.Constant(FarBelowZero) },
        Signal.Sequences => new Conv1D(Width, Width, 1) { BiasInit = Init.Constant(FarBelowZero) },
        _ => new Linear(Width, Width) { BiasInit = Init.Constant(FarBelowZero) },
    }, new ReLU());
}
