using Gradwright.Kernels;
using Gradwright.Onnx;
using static Gradwright.OnnxAttribute;

namespace Gradwright;

internal static partial class OnnxOps
{
    private static void AddConvolution()
    {
        Of<Convolution1D>(Convolve);
        Of<Convolution2D>(Convolve);
        Of<Convolution3D>(Convolve);
        Of<ConvolutionInputGradient>((c, op) =>
        {
            Window[] windows = WindowsOf(op.Forward);
            // What the window alone leaves open of the result's size.
            long[] rest = [.. windows.Select((w, d) => op.Input[2 + d] - ((c.Shape(0)[2 + d] - 1) * w.Stride + w.Extent - 2L * w.Padding))];
            return c.Emit("ConvTranspose", [c[0], c[1]], [.. Sliding(windows), Int("group", op.Forward.Groups), Ints("output_padding", rest)]);
        });
        Of<Unfold>((c, op) =>
        {
            Window[] windows = [op.Vertical, op.Horizontal];
            string columns = c.Emit("Conv", [c[0], Taps(c, windows, c.Shape(0)[1])], [.. Sliding(windows), Int("group", c.Shape(0)[1])]);
            return c.Reshape(columns, c.Out(0).Shape.Span);
        });
        Of<Fold>((c, op) =>
        {
            Window[] windows = [op.Unfold.Vertical, op.Unfold.Horizontal];
            Shape input = op.Input;
            long[] positions = [.. windows.Select((w, d) => w.Positions(op, "image", input[2 + d]))];
            long[] rest = [.. windows.Select((w, d) => input[2 + d] - ((positions[d] - 1) * w.Stride + w.Extent - 2L * w.Padding))];
            string columns = c.Reshape(c[0], [c.Shape(0)[0], c.Shape(0)[1], .. positions]);
            return c.Emit("ConvTranspose", [columns, Taps(c, windows, input[1])], [.. Sliding(windows), Int("group", input[1]), Ints("output_padding", rest)]);
        });
    }

    private static string Convolve(OnnxContext c, Convolution op) => c.Emit("Conv", c.All, [.. Sliding(WindowsOf(op)), Int("group", op.Groups)]);

    private static Window[] WindowsOf(Convolution op) => ((Window[])[op.Depth, op.Vertical, op.Horizontal])[^op.Axes..];

    private static AttributeProto[] Sliding(Window[] windows) =>
    [
        Ints("kernel_shape", windows.Select(w => (long)w.Size)),
        Ints("strides", windows.Select(w => (long)w.Stride)),
        Ints("pads", windows.Concat(windows).Select(w => (long)w.Padding)),
        Ints("dilations", windows.Select(w => (long)w.Dilation)),
    ];

    /// <summary>Filters that each pick one element of the window, for every channel: [C · R · S, 1, R, S].</summary>
    private static string Taps(OnnxContext c, Window[] windows, long channels)
    {
        int taps = windows[0].Size * windows[1].Size;
        double[] filters = new double[checked((int)channels * taps * taps)];
        for (int i = 0; i < channels * taps; i++) filters[i * taps + i % taps] = 1;
        return c.Numbers(filters, [channels * taps, 1, windows[0].Size, windows[1].Size], c.Type(0));
    }
}
