using Gradwright.Checking;
using Gradwright.Layers;

namespace Gradwright.Tests.Layers;

public static partial class LayerSamples
{
    private static void AddContainers()
    {
        Operand features = new([5, 7], -2, 2);
        Sample(dtype => new Residual(new Sequential(new Linear(7, 7, dtype: dtype), new Tanh())), features);
        Sample(dtype => new Residual(new Linear(7, 3, dtype: dtype), new Linear(7, 3, bias: false, dtype: dtype)), features);
        Sample(dtype => new Branches(new Linear(7, 3, dtype: dtype), new Tanh()), features);
        Sample(dtype => new Branches(BranchJoin.Sum, 1, new Linear(7, 3, dtype: dtype), new Linear(7, 3, dtype: dtype)), features);
        Sample(dtype => new Branches(BranchJoin.Average, 1, new Sigmoid(), new Tanh(), new Linear(7, 7, dtype: dtype)), features);
        Sample(dtype => new DenseConcat(new Linear(7, 3, dtype: dtype)), features);
        Sample(_ => new Identity(), features);
        Sample(_ => new Lambda(x => x.Square(), "square"), features);
    }

    private static void AddDropouts()
    {
        Operand features = new([5, 7], -2, 2), pictures = new([3, 4, 2, 5], -2, 2);
        Sample(_ => new Dropout(0.4, inverted: false), features);
        Sample(_ => new SpatialDropout(0.4), pictures);
        Sample(_ => new StochasticDepth(0.4), pictures);
        Sample(_ => new AlphaDropout(0.3), features);
        Sample(dtype => new DropConnect(7, 4, 0.4, dtype: dtype), features);
    }

    private static void AddEmbeddings()
    {
        _all.Add(Of(dtype => new Embedding(6, 5, dtype: dtype), (layer, x) => [layer.Forward(x[0])], Operand.Indices([3, 4], 6)) with { IsDifferentiable = false });
        _all.Add(Of(dtype => new Embedding(6, 5, paddingIndex: 2, maxNorm: 1.5, dtype: dtype), (layer, x) => [layer.Forward(x[0])], Operand.Indices([9], 6)) with { IsDifferentiable = false });
    }
}
