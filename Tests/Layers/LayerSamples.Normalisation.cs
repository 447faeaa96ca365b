using Gradwright.Checking;
using Gradwright.Layers;

namespace Gradwright.Tests.Layers;

public static partial class LayerSamples
{
    private static void AddNormalisation()
    {
        Operand features = new([5, 7], -2, 2), sequences = new([3, 4, 9], -2, 2), pictures = new([2, 6, 3, 5], -2, 2), volumes = new([2, 3, 2, 3, 2], -2, 2);
        Sample(dtype => new LayerNorm(7, dtype: dtype), features);
        Sample(dtype => new LayerNorm([4, 9], bias: false, dtype: dtype), sequences);
        Sample(dtype => new LayerNorm(7, affine: false, dtype: dtype), features);
        Sample(dtype => new RMSNorm(9, dtype: dtype), sequences);
        Sample(dtype => new RMSNorm([4, 9], 1e-3, dtype: dtype), sequences);
        Sample(dtype => new GroupNorm(3, 6, dtype: dtype), pictures);
        Sample(dtype => new GroupNorm(7, 7, dtype: dtype), new Operand([2, 7, 3]));
        Sample(dtype => new InstanceNorm1D(4, affine: true, dtype: dtype), sequences);
        Sample(dtype => new InstanceNorm2D(6, dtype: dtype), pictures);
        Sample(dtype => new InstanceNorm2D(6, affine: true, trackRunningStatistics: true, dtype: dtype), pictures);
        Sample(dtype => new InstanceNorm3D(3, dtype: dtype), volumes);
        Sample(dtype => new BatchNorm3D(3, dtype: dtype), volumes);
        Sample(dtype => new BatchNorm1D(7, momentum: null, dtype: dtype), features);
        Sample(dtype => new AdaptiveGroupNorm(2, 6, 5, dtype: dtype), (layer, x) => [layer.Forward(x[0], x[1])], pictures, new Operand([2, 5]));
    }
}
