using Gradwright.Layers;
using NUnit.Framework;

namespace Gradwright.Tests.Layers;

/// <summary>How layers of pooling and sampling print, and what they say about operands that do not fit.</summary>
[InTensorScope]
public sealed class PoolingLayerTests
{
    private static readonly Func<Module>[] _printed =
    [
        () => new MaxPool1D(3, 2, 1), () => new MaxPool2D(2, dilation: 2, ceilMode: true), () => new MaxPool3D((1, 2, 2)), () => new AveragePool1D(2, countsPadding: false),
        () => new AveragePool3D(2, padding: 1), () => new MaxPool2DWithIndices(2), () => new MaxUnpool2D(2, output: (5, 6)), () => new AdaptiveAveragePool2D((3, 2)), () => new AdaptiveMaxPool1D(4),
        () => new FractionalMaxPool2D(2, (4, 3)), () => new FractionalMaxPool2D(2, ratio: 0.75), () => new Upsample(2, Interpolation.Linear, true), () => new Upsample([4, 5]),
        () => new Unfold(3, padding: 1), () => new Fold(6, 2, stride: 2), () => new RoiAlign(7, 0.25, 2, false), () => new RoiPool((7, 5), 0.0625),
        () => new SpatialTransformer(new Flatten(), (4, 4), Interpolation.Nearest, GridBorder.Reflect, true),
    ];

    private static readonly string[] _texts =
    [
        "MaxPool1D(3, stride: 2, padding: 1)", "MaxPool2D((2, 2), dilation: (2, 2), ceilMode: true)", "MaxPool3D((1, 2, 2))", "AveragePool1D(2, countsPadding: false)",
        "AveragePool3D((2, 2, 2), padding: (1, 1, 1))", "MaxPool2DWithIndices((2, 2))", "MaxUnpool2D((2, 2), output: (5, 6))", "AdaptiveAveragePool2D((3, 2))", "AdaptiveMaxPool1D(4)",
        "FractionalMaxPool2D((2, 2), (4, 3))", "FractionalMaxPool2D((2, 2), ratio: 0.75)", "Upsample(2, Linear, alignCorners: true)", "Upsample([4, 5])",
        "Unfold((3, 3), padding: (1, 1))", "Fold((6, 6), (2, 2), stride: (2, 2))", "RoiAlign((7, 7), scale: 0.25, samples: 2, aligned: false)", "RoiPool((7, 5), scale: 0.0625)",
        "SpatialTransformer(Flatten(), (4, 4), Nearest, Reflect, alignCorners: true)",
    ];

    private static readonly Module<Tensor, Tensor>[] _ofSequences = [new MaxPool1D(2), new AveragePool1D(2), new AdaptiveMaxPool1D(1), new AdaptiveAveragePool1D(1), new GlobalAveragePool1D(), new GlobalMaxPool1D()];

    private static readonly Module<Tensor, Tensor>[] _ofImages =
        [new MaxPool2D(2), new AveragePool2D(2), new AdaptiveMaxPool2D(1), new AdaptiveAveragePool2D(1), new GlobalAveragePool2D(), new GlobalMaxPool2D(), new FractionalMaxPool2D(2, 2), new Unfold(2)];

    private static readonly Module<Tensor, Tensor>[] _ofVolumes = [new MaxPool3D(2), new AveragePool3D(2), new AdaptiveMaxPool3D(1), new AdaptiveAveragePool3D(1), new GlobalAveragePool3D(), new GlobalMaxPool3D()];

    [Test]
    public void Layers_print_as_their_constructors_without_usual_values()
        => Assert.That(_printed.Select(make => make().ToString()), Is.EqualTo(_texts));

    [Test]
    public void Operands_of_other_ranks_are_refused_with_what_is_expected()
    {
        foreach ((Module<Tensor, Tensor>[] layers, int rank, string last) in new[] { (_ofSequences, 3, "length]"), (_ofImages, 4, "height, width]"), (_ofVolumes, 5, "depth, height, width]") })
        {
            foreach (Module<Tensor, Tensor> layer in layers)
            {
                foreach (int wrong in (int[])[rank - 1, rank + 1])
                {
                    Tensor x = Tensor.Ones([.. Enumerable.Repeat(4L, wrong)]);
                    Assert.That(() => layer.Forward(x), Throws.TypeOf<ShapeException>().With.Message.Contains(x.Shape.ToString()).And.Message.Contains(last).And.Message.Contains($"at {layer}"), $"{layer}, rank {wrong}");
                }
            }
        }
    }

    [Test]
    public void Whole_numbers_are_refused()
    {
        foreach (Module<Tensor, Tensor> layer in (Module<Tensor, Tensor>[])[_ofSequences[0], _ofSequences[3], _ofImages[2], _ofImages[6], _ofVolumes[0], _ofVolumes[1], new Upsample(2)])
        {
            int rank = _ofSequences.Contains(layer) ? 3 : _ofVolumes.Contains(layer) ? 5 : 4;
            Tensor x = Tensor.Ones([.. Enumerable.Repeat(4L, rank)], DType.Int32);
            Assert.That(() => layer.Forward(x), Throws.TypeOf<DTypeException>().With.Message.Contains("Cast(DType.Float32)"), layer.ToString());
        }
    }

    [Test]
    public void Values_and_indices_of_an_unpooling_belong_together()
    {
        Tensor values = Tensor.Ones([1, 2, 3, 3]);
        Assert.That(() => new MaxUnpool2D(2).Forward(values, Tensor.Zeros([1, 2, 3, 2], DType.Int64)), Throws.TypeOf<ShapeException>().With.Message.Contains("must have the same shape"));
        Assert.That(() => new MaxUnpool1D(2).Forward(values, Tensor.Zeros([1, 2, 3, 3], DType.Int64)), Throws.TypeOf<ShapeException>().With.Message.Contains("1 spatial dimension"));
        Assert.That(() => new MaxUnpool3D(2).Forward(values, Tensor.Zeros([1, 2, 3, 3], DType.Int64)), Throws.TypeOf<ShapeException>().With.Message.Contains("3 spatial dimensions"));
    }

    [Test]
    public void Wrong_arguments_of_constructors_are_explained()
    {
        Assert.That(() => new Upsample(0), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("must be positive"));
        Assert.That(() => new Upsample([4, 0]), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("a size must be positive"));
        Assert.That(() => new Upsample(2, alignCorners: true), Throws.ArgumentException.With.Message.Contains("linear interpolation only"));
        Assert.That(() => new FractionalMaxPool2D(2, 3, 0.5), Throws.ArgumentException.With.Message.Contains("either"));
        Assert.That(() => new SpatialTransformer(null!), Throws.TypeOf<ArgumentNullException>());
    }
}
