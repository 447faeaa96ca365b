using Gradwright.Layers;

namespace Gradwright.Bench;

internal static partial class BenchCases
{
    private static IEnumerable<BenchCase> Convolutions() =>
    [
        .. Convolution("conv2d_32x3x32_64k3", [32, 3, 32, 32], "N32 3x32x32->64 k3p1", () => new Conv2D(3, 64, 3, padding: 1)),
        .. Convolution("conv2d_32x64x32_64k3", [32, 64, 32, 32], "N32 64x32x32->64 k3p1", () => new Conv2D(64, 64, 3, padding: 1)),
        .. Convolution("conv2d_32x128x16_128k3", [32, 128, 16, 16], "N32 128x16x16->128 k3p1", () => new Conv2D(128, 128, 3, padding: 1)),
        .. Convolution("conv2d_16x64x56_64k3", [16, 64, 56, 56], "N16 64x56x56->64 k3p1", () => new Conv2D(64, 64, 3, padding: 1)),
        .. Convolution("conv2d_16x256x14_256k3", [16, 256, 14, 14], "N16 256x14x14->256 k3p1", () => new Conv2D(256, 256, 3, padding: 1)),
        .. Convolution("conv2d_8x3x224_64k7s2", [8, 3, 224, 224], "N8 3x224x224->64 k7s2p3", () => new Conv2D(3, 64, 7, stride: 2, padding: 3)),
        .. Convolution("conv2d_1x1_16x256x28_64", [16, 256, 28, 28], "N16 256x28x28->64 k1", () => new Conv2D(256, 64, 1)),
        .. Convolution("conv2d_dw_16x128x28_k3", [16, 128, 28, 28], "depthwise N16 128x28x28 k3p1", () => new Conv2D(128, 128, 3, padding: 1, groups: 128)),
        .. Convolution("conv2d_g32_16x128x28_128k3", [16, 128, 28, 28], "groups32 N16 128x28x28->128 k3p1", () => new Conv2D(128, 128, 3, padding: 1, groups: 32)),
        .. Convolution("conv1d_16x64x1024_64k5", [16, 64, 1024], "N16 64x1024->64 k5p2", () => new Conv1D(64, 64, 5, padding: 2)),
        .. Convolution("conv3d_2x16x16x32x32_32k3", [2, 16, 16, 32, 32], "N2 16x16x32x32->32 k3p1", () => new Conv3D(16, 32, 3, padding: 1)),
        .. Convolution("convT2d_16x64x16_32k4s2", [16, 64, 16, 16], "N16 64x16x16->32 k4s2p1", () => new ConvTranspose2D(64, 32, 4, stride: 2, padding: 1)),
        .. Pooling("maxpool2", x => x.MaxPool2D(2)),
        .. Pooling("avgpool2", x => x.AveragePool2D(2)),
    ];

    private static IEnumerable<BenchCase> Convolution(string name, long[] shape, string parameters, Func<ConvolutionLayer> make)
    {
        yield return new("C", name + "_f", parameters + " fwd, bias", () =>
        {
            ConvolutionLayer layer = make();
            Tensor x = Operand.Normal(shape);
            return new(Fresh(() => layer.Forward(x)), ConvolutionFlops(layer, x, layer.Forward(x)));
        });
        yield return new("C", name + "_fb", parameters + " fwd+bwd (dx,dw,db), 3x flops", () =>
        {
            ConvolutionLayer layer = make();
            Tensor x = Operand.Leaf(shape), y = layer.Forward(x), g = Operand.Normal(y.Shape, y.DType);
            return new(ForwardAndBackward(() => layer.Forward(x), g, [x, .. layer.Parameters()]), 3 * ConvolutionFlops(layer, x, y));
        });
    }

    /// <summary>Every output, of a transposed convolution every input, takes one multiplication and one addition per weight of its filter.</summary>
    private static double ConvolutionFlops(ConvolutionLayer layer, Tensor x, Tensor y)
        => 2.0 * (layer is ConvolutionTranspose ? x : y).Count * layer.Weight.Count / layer.Weight.Shape[0];

    private static IEnumerable<BenchCase> Pooling(string name, Func<Tensor, Tensor> pool)
    {
        const double Bytes = 4.0 * 32 * 64 * 112 * 112;
        yield return new("C", name + "_f_32x64x112", "2x2 fwd", () =>
        {
            Tensor x = Operand.Normal(32, 64, 112, 112);
            return Fresh(() => pool(x));
        }, 1.25 * Bytes);
        yield return new("C", name + "_fb_32x64x112", "2x2 fwd+bwd", () =>
        {
            Tensor x = Operand.Leaf(32, 64, 112, 112), g = Operand.Normal(32, 64, 56, 56);
            return ForwardAndBackward(() => pool(x), g, x);
        }, 2.5 * Bytes);
    }
}
