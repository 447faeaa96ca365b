using Gradwright.Data;
using Gradwright.Layers;
using Gradwright.Optim;

namespace Gradwright.Tests.Training.Examinations;

/// <summary>A task at work.</summary>
internal sealed record PlantedTask(Module<Tensor, Tensor> Model, Func<Tensor, Tensor, Tensor> LossFunction, Optimizer Optimizer, DataLoader Data) : IDisposable
{
    public void Dispose()
    {
        Data.Dispose();
        Optimizer.Dispose();
        foreach ((_, Module module) in Model.Walk()) (module as RingConvolution)?.Free();
        Model.Dispose();
    }
}
