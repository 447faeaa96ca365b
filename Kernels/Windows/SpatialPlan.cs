namespace Gradwright.Kernels;

/// <summary>The one to three trailing axes of an image [n, c, …], each with its plan; missing ones have length 1 and keep what is there.</summary>
internal readonly struct SpatialPlan
{
    // Elements worth a task.
    private const long TaskElements = 32 << 10;

    private static readonly string[] _names = ["depth", "height", "width"];

    public readonly AxisPlan Depth, Height, Width;

    /// <summary>Channels of all images; each is worked on by itself.</summary>
    public readonly int Planes;

    private readonly Shape _output;

    /// <param name="op">Whom errors name.</param>
    /// <param name="maps">One per spatial axis.</param>
    /// <param name="input">The image's shape; its rank is known to be right.</param>
    public SpatialPlan(Op op, AxisMap[] maps, Shape input)
    {
        AxisMap keep = AxisMap.Windows(new(1));
        int axes = maps.Length;
        AxisPlan At(int place) => place + axes < 3 ? keep.On(op, _names[place], 1)
            : maps[place - 3 + axes].On(op, axes == 1 ? "length" : _names[place], input[place - 1 + axes]);
        (Depth, Height, Width) = (At(0), At(1), At(2));
        Planes = checked((int)(input[0] * input[1]));
        if (Math.Max(InputPixels, OutputPixels) > int.MaxValue)
            throw new ShapeException($"{op.Name}: the planes of {input} have {InputPixels} elements, those of the result {OutputPixels}; the limit is {int.MaxValue}. Cut the image.");
        long[] lengths = [input[0], input[1], Depth.Output, Height.Output, Width.Output];
        _output = Shape.Create([.. lengths[..2], .. lengths[(5 - axes)..]]);
    }

    public Shape Output => _output;

    /// <summary>Elements of a plane of the image.</summary>
    public long InputPixels => Depth.Input * Height.Input * Width.Input;

    /// <summary>Elements of a plane of the result.</summary>
    public long OutputPixels => Depth.Output * Height.Output * Width.Output;

    /// <summary>Planes of a task.</summary>
    public int TaskPlanes => (int)Math.Max(1, TaskElements / Math.Max(InputPixels, OutputPixels));

    /// <summary>Number of tasks.</summary>
    public int Tasks => (Planes + TaskPlanes - 1) / TaskPlanes;

    /// <summary>A window with a dilation may step over a short axis; then there is nothing to take a maximum of.</summary>
    public void CheckCovered(Op op)
    {
        foreach (AxisPlan axis in (ReadOnlySpan<AxisPlan>)[Depth, Height, Width])
        {
            if (axis.Rule != AxisRule.Window || axis.Dilation == 1) continue;
            for (long i = 0; i < axis.Output; i++)
            {
                if (axis.Span(i).Count <= 0)
                    throw new ShapeException($"{op.Name}: window {i} of size {axis.Size}, dilation {axis.Dilation} and padding {axis.Padding} "
                        + $"sees nothing of an axis of {axis.Input}. Pad or dilate less.");
            }
        }
    }

    /// <summary>The three axes as a kernel's arguments.</summary>
    public void AddTo(ref KernelArguments arguments)
    {
        arguments.Value(Depth);
        arguments.Value(Height);
        arguments.Value(Width);
    }

    /// <summary>The expected rank and its meaning.</summary>
    public static void CheckRank(Op op, Tensor x, int axes)
        => Check.Rank(op, "x", x, axes + 2, $"[images, channels, {(axes == 1 ? "length" : string.Join(", ", _names[(3 - axes)..]))}]");
}
