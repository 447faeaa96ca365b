namespace Gradwright.Layers;

/// <summary>
/// Convolution (cross-correlation) along one to three axes: [n, inputs, size…] → [n, outputs, size′…] with l′ = ⌊(l + 2p − d(k − 1) − 1)/s⌋ + 1 along each.
/// The border is made of zeros, another number, the mirrored picture or its outermost elements.
/// </summary>
public abstract class Convolution : ConvolutionLayer
{
    private readonly PadMode _mode;
    private readonly double _value;
    private readonly bool _exact, _isSame;
    private readonly Size3 _before, _after;

    private protected Convolution(int axes, int outputs, Size3 size, Size3 stride, Padding padding, Size3 dilation, int groups, bool bias,
        PadMode paddingMode, double paddingValue, bool exact)
        : base(axes, outputs, size, stride, dilation, groups, bias)
    {
        if (!Enum.IsDefined(paddingMode)) throw new ArgumentOutOfRangeException(nameof(paddingMode), paddingMode, $"{Name}: there is no such padding mode.");
        if (paddingMode != PadMode.Constant && paddingValue != 0)
            throw new ArgumentException($"{Name}: the padding value {paddingValue} is for PadMode.Constant; {paddingMode} takes its border from the picture.");
        (_mode, _value, _exact, _isSame) = (paddingMode, paddingValue, exact, padding.IsSame);
        if (!_isSame)
        {
            _before = _after = padding.For(Name, axes);
            if (Least(_before) < 0) throw new ArgumentOutOfRangeException(nameof(padding), padding, $"{Name}: the padding is {padding}, but a border is 0 or wider.");
            return;
        }

        if (stride != 1) throw new ArgumentException($"{Name}: Padding.Same keeps the sizes, but a stride of {Show(stride)} does not. Give the padding in numbers.");
        Size3 all = new(dilation.Depth * (size.Depth - 1), dilation.Height * (size.Height - 1), dilation.Width * (size.Width - 1));
        _before = new(all.Depth / 2, all.Height / 2, all.Width / 2);
        _after = new(all.Depth - _before.Depth, all.Height - _before.Height, all.Width - _before.Width);
    }

    private protected override string Options
    {
        get
        {
            string padding = _isSame ? ", padding: Same" : Option("padding", _before, 0), mode = _mode == PadMode.Constant ? "" : $", paddingMode: {_mode}";
            return $"{padding}{mode}{(_value == 0 ? "" : $", paddingValue: {_value}")}{(_exact ? ", exact: true" : "")}";
        }
    }

    private protected override (int First, int Second) WeightPlanes(int inputs) => (Outputs, inputs / Groups);

    private protected override Tensor Run(Tensor x)
    {
        if (_exact) CheckExact(x.Shape);

        // Equal borders of zeros are the op's own and take no memory.
        Size3 padding = _before;
        if (_before != _after || (_before != 0 && (_mode != PadMode.Constant || _value != 0)))
        {
            ReadOnlySpan<(long, long)> borders = [(_before.Depth, _after.Depth), (_before.Height, _after.Height), (_before.Width, _after.Width)];
            x = x.Pad(borders[^Axes..], _value, _mode);
            padding = 0;
        }

        return Axes switch
        {
            1 => x.Convolution1D(Weight, Bias, Stride.Width, padding.Width, Dilation.Width, Groups),
            2 => x.Convolution2D(Weight, Bias, Plane(Stride), Plane(padding), Plane(Dilation), Groups),
            _ => x.Convolution3D(Weight, Bias, Stride, padding, Dilation, Groups),
        };
    }

    /// <summary>(l − extent + border)/s + 1 is whole along every axis.</summary>
    private void CheckExact(Shape x)
    {
        ReadOnlySpan<int> size = [Size.Depth, Size.Height, Size.Width], stride = [Stride.Depth, Stride.Height, Stride.Width], dilation = [Dilation.Depth, Dilation.Height, Dilation.Width],
            before = [_before.Depth, _before.Height, _before.Width], after = [_after.Depth, _after.Height, _after.Width];
        for (int axis = 3 - Axes; axis < 3; axis++)
        {
            long length = x[axis - 3], extent = (long)dilation[axis] * (size[axis] - 1) + 1, border = (long)before[axis] + after[axis], free = length - extent + border;
            if (free < 0 || free % stride[axis] == 0) continue;
            long last = free % stride[axis];
            throw new ShapeException($"{Name}: dimension {x.Rank + axis - 3} of x {x} gives ({length} − {extent} + {border})/{stride[axis]} + 1 = {free / (double)stride[axis] + 1:0.###} positions of the window, "
                + $"and exact: true asks for a whole number. The last {last} {(last == 1 ? "element" : "elements")} would not be seen: choose another padding, stride or window, or leave exact out.");
        }
    }
}
