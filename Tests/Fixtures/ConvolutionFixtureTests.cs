using Gradwright.Layers;
using NUnit.Framework;

namespace Gradwright.Tests.Fixtures;

[InTensorScope]
public sealed class ConvolutionFixtureTests
{
    private static IEnumerable<TestCaseData> Convolutions => Fixture.Cases("convolution", "Conv").Where(c => !((Fixture)c.Arguments[0]!).Name.StartsWith("ConvTranspose", StringComparison.Ordinal));
    private static IEnumerable<TestCaseData> Transposed => Fixture.Cases("convolution", "ConvTranspose");

    [TestCaseSource(nameof(Convolutions))]
    public void Convolutions_agree_with_an_independent_implementation(Fixture fixture) => fixture.Check(dtype => Convolution(fixture, dtype));

    [TestCaseSource(nameof(Transposed))]
    public void Transposed_convolutions_agree_with_an_independent_implementation(Fixture fixture) => fixture.Check(dtype => ConvolutionTranspose(fixture, dtype));

    private static Module<Tensor, Tensor> Convolution(Fixture f, DType dtype)
    {
        int inputs = f.Integer("inputs"), outputs = f.Integer("outputs"), groups = f.Integer("groups");
        int[] size = f.Integers("size"), stride = f.Integers("stride"), dilation = f.Integers("dilation"), padding = f.Flag("same") ? size : f.Integers("padding");
        PadMode mode = f.Text("mode") switch { "reflect" => PadMode.Reflect, "replicate" => PadMode.Replicate, _ => PadMode.Constant };
        Padding border = f.Flag("same") ? Padding.Same : padding.Length switch { 1 => padding[0], 2 => Two(padding), _ => Three(padding) };
        double value = f.Number("value", 0);
        bool bias = f.Flag("bias");
        return size.Length switch
        {
            1 => new Conv1D(inputs, outputs, size[0], stride[0], border, dilation[0], groups, bias, mode, value, dtype: dtype),
            2 => new Conv2D(inputs, outputs, Two(size), Two(stride), border, Two(dilation), groups, bias, mode, value, dtype: dtype),
            _ => new Conv3D(inputs, outputs, Three(size), Three(stride), border, Three(dilation), groups, bias, mode, value, dtype: dtype),
        };
    }

    private static Module<Tensor, Tensor> ConvolutionTranspose(Fixture f, DType dtype)
    {
        int inputs = f.Integer("inputs"), outputs = f.Integer("outputs"), groups = f.Integer("groups");
        int[] size = f.Integers("size"), stride = f.Integers("stride"), dilation = f.Integers("dilation"), padding = f.Integers("padding"), more = f.Integers("outputPadding");
        bool bias = f.Flag("bias");
        return size.Length switch
        {
            1 => new ConvTranspose1D(inputs, outputs, size[0], stride[0], padding[0], more[0], dilation[0], groups, bias, dtype),
            2 => new ConvTranspose2D(inputs, outputs, Two(size), Two(stride), Two(padding), Two(more), Two(dilation), groups, bias, dtype),
            _ => new ConvTranspose3D(inputs, outputs, Three(size), Three(stride), Three(padding), Three(more), Three(dilation), groups, bias, dtype),
        };
    }

    private static Size2 Two(int[] n) => (n[0], n[1]);

    private static Size3 Three(int[] n) => (n[0], n[1], n[2]);
}
