namespace Gradwright.Layers;

/// <summary><see cref="MaxPool1D"/> that also says where in its sequence each maximum was (Int64): for <see cref="MaxUnpool1D"/>.</summary>
/// <inheritdoc cref="MaxPool1D"/>
public sealed class MaxPool1DWithIndices(int size, int? stride = null, int padding = 0, int dilation = 1, bool ceilMode = false)
    : Module<Tensor, (Tensor Values, Tensor Indices)>
{
    protected override (Tensor Values, Tensor Indices) ForwardCore(Tensor x) => x.MaxPool1DWithIndices(size, stride, padding, dilation, ceilMode);

    public override string ToString()
        => $"MaxPool1DWithIndices({Printed.Window<int>(size, stride, padding, 0)}{Printed.Option("dilation", dilation, 1)}{Printed.Option("ceilMode", ceilMode, false)})";
}

/// <summary><see cref="MaxPool2D"/> that also says where in its plane each maximum was (Int64, counted through): for <see cref="MaxUnpool2D"/>.</summary>
/// <inheritdoc cref="MaxPool2D"/>
public sealed class MaxPool2DWithIndices(Size2 size, Size2? stride = null, Size2? padding = null, Size2? dilation = null, bool ceilMode = false)
    : Module<Tensor, (Tensor Values, Tensor Indices)>
{
    protected override (Tensor Values, Tensor Indices) ForwardCore(Tensor x) => x.MaxPool2DWithIndices(size, stride, padding, dilation, ceilMode);

    public override string ToString()
        => $"MaxPool2DWithIndices({Printed.Window<Size2>(size, stride, padding, 0)}{Printed.Option("dilation", dilation ?? 1, (Size2)1)}{Printed.Option("ceilMode", ceilMode, false)})";
}

/// <summary><see cref="MaxPool3D"/> that also says where in its volume each maximum was (Int64, counted through): for <see cref="MaxUnpool3D"/>.</summary>
/// <inheritdoc cref="MaxPool3D"/>
public sealed class MaxPool3DWithIndices(Size3 size, Size3? stride = null, Size3? padding = null, Size3? dilation = null, bool ceilMode = false)
    : Module<Tensor, (Tensor Values, Tensor Indices)>
{
    protected override (Tensor Values, Tensor Indices) ForwardCore(Tensor x) => x.MaxPool3DWithIndices(size, stride, padding, dilation, ceilMode);

    public override string ToString()
        => $"MaxPool3DWithIndices({Printed.Window<Size3>(size, stride, padding, 0)}{Printed.Option("dilation", dilation ?? 1, (Size3)1)}{Printed.Option("ceilMode", ceilMode, false)})";
}
