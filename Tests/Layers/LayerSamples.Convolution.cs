using Gradwright.Checking;
using Gradwright.Layers;

namespace Gradwright.Tests.Layers;

public static partial class LayerSamples
{
    private static void AddConvolution()
    {
        Operand sequences = new([2, 4, 9], -2, 2), pictures = new([2, 4, 6, 5], -2, 2), volumes = new([1, 4, 4, 3, 5], -2, 2);
        Sample(dtype => new Conv1D(4, 6, 3, padding: 1, dtype: dtype), sequences);
        Sample(dtype => new Conv1D(4, 4, 4, padding: Padding.Same, groups: 4, paddingMode: PadMode.Replicate, dtype: dtype), sequences);
        Sample(dtype => new Conv2D(4, 6, (3, 2), (2, 1), (1, 0), (1, 2), 2, paddingMode: PadMode.Reflect, dtype: dtype), pictures);
        Sample(dtype => new Conv2D(4, 3, 3, padding: 1, bias: false, paddingValue: 0.4, dtype: dtype), pictures);
        Sample(dtype => new Conv3D(4, 3, (2, 3, 3), (1, 1, 2), (0, 1, 1), dtype: dtype), volumes);
        Sample(dtype => new Conv3D(4, 4, 3, padding: 1, groups: 4, paddingMode: PadMode.Reflect, dtype: dtype), volumes);
        Sample(dtype => new ConvTranspose1D(4, 6, 3, 2, 1, 1, groups: 2, dtype: dtype), sequences);
        Sample(dtype => new ConvTranspose2D(4, 3, (3, 2), 2, (1, 0), (1, 0), (1, 2), dtype: dtype), pictures);
        Sample(dtype => new ConvTranspose3D(4, 2, 2, (2, 1, 1), outputPadding: (1, 0, 0), bias: false, dtype: dtype), volumes);
    }
}
