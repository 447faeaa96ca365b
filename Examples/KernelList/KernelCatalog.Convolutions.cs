using Gradwright.Kernels;

namespace Gradwright.Examples.KernelList;

internal sealed partial class KernelCatalog
{
    /// <summary>Convolutions of numbers of filters and channels for which an accelerator has tiles of their own; large maps, and sums long enough to be cut.</summary>
    private void AddConvolutions(DType dtype)
    {
        foreach (long planes in (long[])[1, 4, 12, 24, 48, 200])
        {
            Convolution2D op = new(new(3, 1, 1), new(3, 1, 1));
            Shape maps = [1, planes, 16, 16];
            Try("convolutions", () =>
            {
                Tensor x = Tensor.Empty(maps, dtype, _gpu), weight = Tensor.Empty([planes, planes, 3, 3], dtype, _gpu), bias = Tensor.Empty([planes], dtype, _gpu);
                op.Execute(x, weight, bias);
                new ConvolutionInputGradient(op, maps).Execute(x, weight);
                new ConvolutionWeightGradient(op).Execute(x, x);
            });
        }
    }
}
