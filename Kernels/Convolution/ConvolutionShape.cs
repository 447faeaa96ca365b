namespace Gradwright.Kernels;

/// <summary>All sizes of one convolution, checked.</summary>
internal readonly struct ConvolutionShape
{
    public readonly int Images, Channels, Filters, Groups;
    public readonly WindowPlane Plane;

    /// <param name="op">Whom errors name: the convolution or one of its gradients.</param>
    /// <param name="convolution">The attributes.</param>
    /// <param name="input">[N, C, H, W].</param>
    /// <param name="filters">K.</param>
    public ConvolutionShape(Op op, Convolution2D convolution, Shape input, long filters)
    {
        Groups = convolution.Groups;
        if (Groups < 1 || input[1] < 1 || filters < 1 || input[1] % Groups != 0 || filters % Groups != 0)
            throw new ShapeException($"{op.Name}: {input[1]} channels and {filters} filters in {Groups} groups: both numbers must be positive multiples of the groups. Choose groups that divide both.");
        long height = convolution.Vertical.Positions(op, "height", input[2]), width = convolution.Horizontal.Positions(op, "width", input[3]);
        (Images, Channels, Filters) = (checked((int)input[0]), checked((int)input[1]), checked((int)filters));
        Plane = new(convolution.Vertical, convolution.Horizontal, input[2], input[3], height, width);
    }

    public int GroupChannels => Channels / Groups;

    public int GroupFilters => Filters / Groups;

    /// <summary>Elements of the window, R · S.</summary>
    public int Taps => Plane.Vertical.Size * Plane.Horizontal.Size;

    /// <summary>[K, C/groups, R, S].</summary>
    public Shape Weight => Shape.Create(Filters, GroupChannels, Plane.Vertical.Size, Plane.Horizontal.Size);

    /// <summary>[N, K, OH, OW].</summary>
    public Shape Output => Shape.Create(Images, Filters, Plane.OutputHeight, Plane.OutputWidth);

    /// <summary>A 1×1 window that visits every pixel: the image is its own matrix of columns.</summary>
    public bool IsPointwise
        => Taps == 1 && Plane.Vertical is { Stride: 1, Padding: 0 } && Plane.Horizontal is { Stride: 1, Padding: 0 };

    public double Products => (double)Images * Filters * GroupChannels * Taps * Plane.OutputPixels;
}

/// <summary>The operands of a pass: the convolution's input (or its gradient), weight, bias or 0, output, and room for partial sums.</summary>
internal struct ConvolutionArguments
{
    public ConvolutionShape Shape;
    public nint X, Weight, Bias, Y, Partial;
}
