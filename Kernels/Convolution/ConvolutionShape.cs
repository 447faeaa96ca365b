namespace Gradwright.Kernels;

/// <summary>All sizes of one convolution, checked. Sequences are images of one row, images are volumes of one plane.</summary>
internal readonly struct ConvolutionShape
{
    public readonly int Images, Channels, Filters, Groups;

    /// <summary>How the window slides from plane to plane, and the numbers of planes.</summary>
    public readonly Window Depth;
    public readonly int InputDepth, OutputDepth;

    /// <summary>How it slides over a plane.</summary>
    public readonly WindowPlane Plane;

    private readonly Convolution _convolution;
    private readonly long _depth, _height, _width;      // of the output

    /// <param name="op">Whom errors name: the convolution or one of its gradients.</param>
    /// <param name="convolution">The attributes.</param>
    /// <param name="input">[N, C, spatial axes].</param>
    /// <param name="filters">K.</param>
    public ConvolutionShape(Op op, Convolution convolution, Shape input, long filters)
    {
        _convolution = convolution;
        Groups = convolution.Groups;
        if (Groups < 1 || input[1] < 1 || filters < 1 || input[1] % Groups != 0 || filters % Groups != 0)
            throw new ShapeException($"{op.Name}: {input[1]} channels and {filters} filters in {Groups} groups: both numbers must be positive multiples of the groups. Choose groups that divide both.");
        int axes = convolution.Axes;
        Window vertical = convolution.Vertical, horizontal = convolution.Horizontal;
        long depth = axes > 2 ? input[2] : 1, height = axes > 1 ? input[^2] : 1, width = input[^1];
        _depth = axes > 2 ? convolution.Depth.Positions(op, "depth", depth) : 1;
        _height = axes > 1 ? vertical.Positions(op, "height", height) : 1;
        _width = horizontal.Positions(op, axes > 1 ? "width" : "length", width);
        (Images, Channels, Filters) = (checked((int)input[0]), checked((int)input[1]), checked((int)filters));
        if ((double)depth * height * width > int.MaxValue || (double)_depth * _height * _width > int.MaxValue)
            throw new ShapeException($"{op.Name}: a channel of {input}, or of its result, has more than {int.MaxValue} elements. Cut it into parts.");
        if (axes > 2 && IsUnit(vertical) && IsUnit(horizontal))
        {
            // A window that extends along the depth alone: the volume is an image whose rows are its planes.
            (Depth, InputDepth, OutputDepth) = (new(1), 1, 1);
            Plane = new(convolution.Depth, new(1), depth, height * width, _depth, height * width);
        }
        else
        {
            (Depth, InputDepth, OutputDepth) = (convolution.Depth, (int)depth, (int)_depth);
            if (!IsVolume) Depth = new(1);
            Plane = new(vertical, horizontal, height, width, _height, _width);
        }
    }

    public int GroupChannels => Channels / Groups;

    public int GroupFilters => Filters / Groups;

    /// <summary>Elements of a channel of the input.</summary>
    public int InputVolume => InputDepth * Plane.ImagePixels;

    /// <summary>Elements of a channel of the output.</summary>
    public int OutputVolume => OutputDepth * Plane.OutputPixels;

    /// <summary>Elements of the window in one plane, R · S.</summary>
    public int PlaneTaps => Plane.Vertical.Size * Plane.Horizontal.Size;

    /// <summary>Elements of the window, T · R · S.</summary>
    public int Taps => Depth.Size * PlaneTaps;

    /// <summary>Those elements of the window, as a box, that meet the image at any position: with a border as wide as a small image, the others see nothing but zeros.</summary>
    public int UsedTaps => UsedDepth.Count * UsedRows.Count * UsedColumns.Count;

    /// <summary>How often an element of the window meets one of a channel's pixels, at all positions: the terms of all sums without products with the border.</summary>
    public double Meetings => Meets(Depth, InputDepth, OutputDepth) * Meets(Plane.Vertical, Plane.Height, Plane.OutputHeight) * Meets(Plane.Horizontal, Plane.Width, Plane.OutputWidth);

    private static double Meets(Window w, int length, int positions)
    {
        double count = 0;
        for (int r = 0; r < w.Size; r++)
        {
            // Positions i with 0 <= i · stride + start < length.
            long start = (long)r * w.Dilation - w.Padding, first = start < 0 ? (-start + w.Stride - 1) / w.Stride : 0;
            long end = start >= length ? 0 : Math.Min((length - start + w.Stride - 1) / w.Stride, positions);
            count += Math.Max(end - first, 0);
        }

        return count;
    }

    /// <summary>Elements of a copy of the filters without what is not used; 0 if all is.</summary>
    public long UsedCopy => UsedTaps == Taps ? 0 : (long)Filters * GroupChannels * UsedTaps;

    public PlaneRange UsedDepth => Used(Depth, InputDepth, OutputDepth);

    public PlaneRange UsedRows => Used(Plane.Vertical, Plane.Height, Plane.OutputHeight);

    public PlaneRange UsedColumns => Used(Plane.Horizontal, Plane.Width, Plane.OutputWidth);

    /// <summary>From the first element of the window that meets the axis to the last; at least one.</summary>
    private static PlaneRange Used(Window w, int length, int positions)
    {
        int first = 0, end = 0;
        for (int r = 0; r < w.Size; r++)
        {
            long start = (long)r * w.Dilation - w.Padding, i = start < 0 ? (-start + w.Stride - 1) / w.Stride : 0;
            if (i >= positions || start + i * w.Stride >= length) continue;
            if (end == 0) first = r;
            end = r + 1;
        }

        return new(first, Math.Max(end, first + 1));
    }

    /// <summary>Planes that a group's filters see at one output plane, channels · T.</summary>
    public int GroupPlanes => GroupChannels * Depth.Size;

    /// <summary>[K, C/groups, window…].</summary>
    public Shape Weight => _convolution.Axes switch
    {
        1 => Shape.Create(Filters, GroupChannels, _convolution.Horizontal.Size),
        2 => Shape.Create(Filters, GroupChannels, _convolution.Vertical.Size, _convolution.Horizontal.Size),
        _ => Shape.Create(Filters, GroupChannels, _convolution.Depth.Size, _convolution.Vertical.Size, _convolution.Horizontal.Size),
    };

    /// <summary>[N, K, output…].</summary>
    public Shape Output => _convolution.Axes switch
    {
        1 => Shape.Create(Images, Filters, _width),
        2 => Shape.Create(Images, Filters, _height, _width),
        _ => Shape.Create(Images, Filters, _depth, _height, _width),
    };

    /// <summary>Whether there are several planes, or a border of them.</summary>
    public bool IsVolume => InputDepth != 1 || OutputDepth != 1 || Depth is not { Size: 1, Padding: 0 };

    /// <summary>A window of one element that visits every pixel: the image is its own matrix of columns.</summary>
    public bool IsPointwise => !IsVolume && IsUnit(Plane.Vertical) && IsUnit(Plane.Horizontal);

    public double Products => (double)Images * Filters * GroupChannels * Taps * OutputVolume;

    /// <summary>The input plane that element a of the window's depth reads at output plane d, or −1 in the border.</summary>
    public int InputPlane(int d, int a)
    {
        int z = d * Depth.Stride + a * Depth.Dilation - Depth.Padding;
        return (uint)z < (uint)InputDepth ? z : -1;
    }

    /// <summary>The output plane that reads input plane z with element a of the window's depth, or −1.</summary>
    public int OutputPlane(int z, int a)
    {
        int above = z + Depth.Padding - a * Depth.Dilation, d = above / Depth.Stride;
        return above >= 0 && d * Depth.Stride == above && d < OutputDepth ? d : -1;
    }

    /// <summary>Whether the input gradient is a convolution of the output's gradient with the filter back to front.</summary>
    public bool IsReversible => CanTurn(Depth) && CanTurn(Plane.Vertical) && CanTurn(Plane.Horizontal);

    /// <summary>That convolution's sizes: channels and filters change places.</summary>
    public ConvolutionShape Reverse() => new(this);

    /// <summary>The convolution that a pass from images to images computes: this one, or the reversed one.</summary>
    public ConvolutionShape Directed(bool reversed) => reversed ? Reverse() : this;

    private ConvolutionShape(in ConvolutionShape p)
    {
        this = p;
        (Channels, Filters) = (p.Filters, p.Channels);
        Depth = Turn(p.Depth);
        (InputDepth, OutputDepth) = (p.OutputDepth, p.InputDepth);
        Plane = new(Turn(p.Plane.Vertical), Turn(p.Plane.Horizontal), p.Plane.OutputHeight, p.Plane.OutputWidth, p.Plane.Height, p.Plane.Width);
    }

    private static bool CanTurn(Window window) => window.Stride == 1 && window.Padding < window.Extent;

    private static Window Turn(Window window) => window with { Padding = checked((int)window.Extent - 1 - window.Padding) };

    private static bool IsUnit(Window window) => window is { Size: 1, Stride: 1, Padding: 0 };
}

/// <summary>The operands of a pass: the convolution's input (or its gradient), weight, bias or 0, output, and memory that the method needs beyond them.</summary>
internal struct ConvolutionArguments
{
    public ConvolutionShape Shape;
    public nint X, Weight, Bias, Y, Shared;
    public ConvolutionMethod Method;

    /// <summary>The image that is read: x, or for the input gradient that of y.</summary>
    public readonly nint Read(bool reversed) => reversed ? Y : X;

    /// <summary>The image that is made: y, or the gradient of x.</summary>
    public readonly nint Made(bool reversed) => reversed ? X : Y;
}
