using Gradwright.Checking;
using Gradwright.Layers;

namespace Gradwright.Tests.Layers;

public static partial class LayerSamples
{
    private static void AddAttention()
    {
        Operand x = new([2, 5, 6], -2, 2), memory = new([2, 3, 6], -2, 2);
        Sample(dtype => new MultiHeadAttention(6, 2, dtype: dtype), (layer, o) => [layer.Forward(o[0])], x);
        Sample(dtype => new MultiHeadAttention(6, 3, dropout: 0.2, bias: false, keyFeatures: 4, valueFeatures: 5, dtype: dtype),
            (layer, o) => [layer.Forward(new(o[0], o[1], o[2]))], x, new Operand([2, 3, 4], -2, 2), new Operand([2, 3, 5], -2, 2));
        Sample(dtype => new TransformerEncoderLayer(6, 2, 7, dropout: 0.2, TransformerActivation.GELU, dtype: dtype), (layer, o) => [layer.Forward(o[0])], x);
        Sample(dtype => new TransformerDecoderLayer(6, 2, 7, dropout: 0, TransformerActivation.GELU, normFirst: true, dtype: dtype), (layer, o) => [layer.Forward(new(o[0], o[1]))], x, memory);
        Sample(dtype => new TransformerEncoder(2, 6, 2, 4, dropout: 0, TransformerActivation.GELU, normFirst: true, dtype: dtype), (layer, o) => [layer.Forward(new(o[0]) { Causal = true })], x);
        Sample(dtype => new TransformerDecoder(2, 6, 2, 4, dropout: 0.1, TransformerActivation.GELU, dtype: dtype), (layer, o) => [layer.Forward(new(o[0], o[1]))], x, memory);
        Sample(_ => new SinusoidalPositions(6), x);
        Sample(dtype => new LearntPositions(8, 6, dtype), x);
    }

    private static void AddGraphs()
    {
        Operand x = new([6, 4], -2, 2), sources = new([7]) { Type = DType.Int64, Values = [1, 5, 0, 3, 1, 2, 5] }, targets = new([7]) { Type = DType.Int64, Values = [2, 0, 2, 4, 1, 3, 4] };
        Sample(dtype => new GraphConvolution(4, 3, dtype: dtype), OnGraph, x, sources, targets);
        Sample(dtype => new GraphConvolution(4, 5, bias: false, dtype: dtype), OnGraph, x, sources, targets);
        Sample(dtype => new GraphAttention(4, 3, heads: 2, dropout: 0.3, dtype: dtype), OnGraph, x, sources, targets);
        Sample(dtype => new GraphAttention(4, 3, heads: 2, average: true, dtype: dtype), OnGraph, x, sources, targets);

        static Tensor[] OnGraph(Module<(Tensor, Edges), Tensor> layer, Tensor[] o)
        {
            using Edges edges = new(o[1], o[2], 6);
            return [layer.Forward((o[0], edges))];
        }
    }
}
