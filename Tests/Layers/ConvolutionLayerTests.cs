using Gradwright.Checking;
using Gradwright.Layers;
using NUnit.Framework;

namespace Gradwright.Tests.Layers;

/// <summary>What convolution layers are supposed to be: facts of the textbooks, and what wrong sizes are told.</summary>
[InTensorScope]
public sealed class ConvolutionLayerTests
{
    [TestCase(1, 3), TestCase(2, 5), TestCase(3, 7)]
    public void Stacked_windows_of_three_see_as_far_as_one_of_that_size(int layers, int field)
    {
        // The output in the middle has a gradient by exactly field × field inputs.
        using Sequential model = new([.. Enumerable.Range(0, layers).Select(_ => new Conv2D(1, 1, 3, padding: 1, bias: false) { WeightInit = Init.Ones })]);
        using Tape tape = new();
        Tensor x = tape.Watch(Tensor.Zeros([1, 1, 9, 9]));
        float[] seen = tape.Gradients(model.Forward(x)[.., .., 4, 4].Sum(), [x])[0].ToArray<float>();
        for (int i = 0; i < 81; i++)
            Assert.That(seen[i] != 0, Is.EqualTo(Math.Max(Math.Abs(i / 9 - 4), Math.Abs(i % 9 - 4)) <= field / 2), $"row {i / 9}, column {i % 9}");
    }

    [Test]
    public void Dilation_widens_what_is_seen_without_more_weights()
    {
        using Conv1D model = new(1, 1, 3, padding: 4, dilation: 4, bias: false) { WeightInit = Init.Ones };
        using Tape tape = new();
        Tensor x = tape.Watch(Tensor.Zeros([1, 1, 11]));
        float[] seen = tape.Gradients(model.Forward(x)[.., .., 5].Sum(), [x])[0].ToArray<float>();
        Assert.That(Enumerable.Range(0, 11).Where(i => seen[i] != 0), Is.EqualTo(new[] { 1, 5, 9 }));
    }

    [Test]
    public void A_linear_map_is_a_convolution_with_a_window_of_one_and_back()
    {
        Tensor x = Random([3, 5, 4, 2], 1);
        using Linear linear = new(5, 7, dtype: DType.Float64);
        using Conv2D pointwise = new(5, 7, 1, dtype: DType.Float64);
        pointwise.LoadState(new Dictionary<string, Tensor> { ["weight"] = linear.NamedParameters()[0].Parameter.Reshape(7, 5, 1, 1), ["bias"] = linear.Bias! });
        Values.AssertClose(HostValues.Of(pointwise.Forward(x)), HostValues.Of(linear.Forward(x.Permute(0, 2, 3, 1)).Permute(0, 3, 1, 2)), 1e-14, "by pixel");

        // Back: what the convolution has learned is the linear map's matrix.
        linear.LoadState(new Dictionary<string, Tensor> { ["weight"] = pointwise.Weight.Reshape(7, 5), ["bias"] = pointwise.Bias! });
        Values.AssertClose(HostValues.Of(linear.Forward(x.Permute(0, 2, 3, 1))), HostValues.Of(pointwise.Forward(x).Permute(0, 2, 3, 1)), 1e-14, "back");
    }

    [Test]
    public void A_linear_map_of_a_whole_picture_is_a_convolution_with_a_window_of_its_size()
    {
        Tensor x = Random([3, 5, 4, 2], 1);
        using Linear linear = new(40, 7, dtype: DType.Float64);
        Tensor expected = linear.Forward(x.Reshape(3, 40));
        using Conv2D whole = new(5, 7, (4, 2), dtype: DType.Float64);
        whole.LoadState(new Dictionary<string, Tensor> { ["weight"] = linear.Weight.Reshape(7, 5, 4, 2), ["bias"] = linear.Bias! });
        Tensor y = whole.Forward(x);
        Assert.That(y.Shape, Is.EqualTo(new Shape([3, 7, 1, 1])));
        Values.AssertClose(HostValues.Of(y), HostValues.Of(expected), 1e-14, "whole");

        // On a larger picture the same weights give a map of answers, one per place.
        Assert.That(whole.Forward(Random([1, 5, 6, 6], 2)).Shape, Is.EqualTo(new Shape([1, 7, 3, 5])));
    }

    [Test]
    public void Fewer_axes_are_axes_of_length_one()
    {
        Tensor x = Random([2, 3, 9], 1), weight = Random([4, 3, 3], 2), bias = Random([4], 3);
        double[] y = HostValues.Of(x.Convolution1D(weight, bias, stride: 2, padding: 1));
        Tensor plane = x.Unsqueeze(2).Convolution2D(weight.Unsqueeze(2), bias, (1, 2), (0, 1));
        Tensor volume = x.Reshape(2, 3, 1, 1, 9).Convolution3D(weight.Reshape(4, 3, 1, 1, 3), bias, (1, 1, 2), (0, 0, 1));
        Assert.That(HostValues.Of(plane), Is.EqualTo(y));
        Assert.That(HostValues.Of(volume), Is.EqualTo(y));
    }

    [Test]
    public void A_depthwise_convolution_is_one_convolution_per_channel([Values(1, 2)] int filters)
    {
        Tensor x = Random([2, 3, 4, 5, 6], 1), weight = Random([3 * filters, 1, 3, 2, 3], 2);
        double[] y = HostValues.Of(x.Convolution3D(weight, padding: 1, groups: 3));
        Tensor[] parts = [.. Enumerable.Range(0, 3).Select(c => x.Slice(1, c, 1).Convolution3D(weight.Slice(0, c * filters, filters), padding: 1))];
        Values.AssertClose(y, HostValues.Of(Tensor.Concat(parts, 1)), 1e-14, "y");
    }

    /// <summary>⟨conv(x), y⟩ = ⟨x, convᵀ(y)⟩ with the same weight: that is what "transposed" means.</summary>
    [TestCase(1), TestCase(2), TestCase(3)]
    public void A_transposed_convolution_is_the_transpose(int axes)
    {
        Tensor x = Random([2, 4, .. Enumerable.Repeat(6L, axes)], 1), weight = Random([6, 2, .. Enumerable.Repeat(3L, axes)], 2);
        Tensor cx = axes switch
        {
            1 => x.Convolution1D(weight, null, 2, 1, 1, 2),
            2 => x.Convolution2D(weight, null, 2, 1, 1, 2),
            _ => x.Convolution3D(weight, null, 2, 1, 1, 2),
        };
        Tensor y = Random(cx.Shape, 3);
        Tensor ty = axes switch
        {
            1 => y.ConvolutionTranspose1D(weight, null, 2, 1, 1, 1, 2),
            2 => y.ConvolutionTranspose2D(weight, null, 2, 1, 1, 1, 2),
            _ => y.ConvolutionTranspose3D(weight, null, 2, 1, 1, 1, 2),
        };
        Assert.That(ty.Shape, Is.EqualTo(x.Shape));
        Assert.That(HostValues.Of((ty * x).Sum())[0], Is.EqualTo(HostValues.Of((cx * y).Sum())[0]).Within(1e-12));
    }

    [Test]
    public void The_output_padding_tells_apart_the_sizes_that_a_stride_maps_to_the_same()
    {
        using Conv2D down = new(1, 1, 3, stride: 2, padding: 1);
        foreach (int size in (int[])[7, 8])
        {
            using ConvTranspose2D up = new(1, 1, 3, stride: 2, padding: 1, outputPadding: size - 7);
            Tensor small = down.Forward(Tensor.Zeros([1, 1, size, size]));
            Assert.That(small.Shape, Is.EqualTo(new Shape([1, 1, 4, 4])));
            Assert.That(up.Forward(small).Shape, Is.EqualTo(new Shape([1, 1, size, size])));
        }
    }

    [Test]
    public void Same_keeps_every_size_and_puts_the_odd_element_at_the_end()
    {
        Tensor x = Random([1, 2, 7, 6, 5], 1);
        using Conv3D model = new(2, 3, (3, 4, 2), padding: Padding.Same, dilation: (2, 1, 3), dtype: DType.Float64);
        Assert.That(model.Forward(x).Shape, Is.EqualTo(new Shape([1, 3, 7, 6, 5])));
        using Conv1D sum = new(1, 1, 2, padding: Padding.Same, bias: false) { WeightInit = Init.Ones };
        Assert.That(sum.Forward(Tensor.From([1f, 2, 4], [1, 1, 3])).ToArray<float>(), Is.EqualTo(new[] { 3f, 6, 4 }));
    }

    [TestCase(PadMode.Constant, 5, new float[] { 5, 1, 2, 3, 4, 5 })]
    [TestCase(PadMode.Reflect, 0, new float[] { 2, 1, 2, 3, 4, 3 })]
    [TestCase(PadMode.Replicate, 0, new float[] { 1, 1, 2, 3, 4, 4 })]
    public void The_border_is_what_its_mode_says(PadMode mode, double value, float[] bordered)
    {
        // A window that picks one neighbour shows the border.
        foreach (int pick in (int[])[0, 1, 2])
        {
            using Conv1D model = new(1, 1, 3, padding: 1, bias: false, paddingMode: mode, paddingValue: value);
            float[] weight = new float[3];
            weight[pick] = 1;
            model.Weight.CopyFrom(Tensor.From(weight, [1, 1, 3]));
            Assert.That(model.Forward(Tensor.From([1f, 2, 3, 4], [1, 1, 4])).ToArray<float>(), Is.EqualTo(bordered[pick..(pick + 4)]));
        }
    }

    [Test]
    public void A_border_of_the_mean_hides_the_edge_of_a_constant_picture()
    {
        using Conv2D model = new(1, 2, 3, padding: 1, paddingValue: 0.7, dtype: DType.Float64);
        double[] y = HostValues.Of(model.Forward(Tensor.Full([1, 1, 5, 5], 0.7, DType.Float64)));
        for (int i = 0; i < y.Length; i++) Assert.That(y[i], Is.EqualTo(y[i / 25 * 25]).Within(1e-15));
        using Conv2D zeros = new(1, 2, 3, padding: 1, dtype: DType.Float64);
        double[] z = HostValues.Of(zeros.Forward(Tensor.Full([1, 1, 5, 5], 0.7, DType.Float64)));
        Assert.That(z[0], Is.Not.EqualTo(z[12]).Within(1e-3));
    }

    [Test]
    public void A_NaN_at_the_edge_reaches_its_copies_in_the_border()
    {
        using Conv1D model = new(1, 1, 1, padding: 2, bias: false, paddingMode: PadMode.Replicate) { WeightInit = Init.Ones };
        Assert.That(model.Forward(Tensor.From([float.NaN, 1, 2], [1, 1, 3])).ToArray<float>(), Is.EqualTo(new[] { float.NaN, float.NaN, float.NaN, 1, 2, 2, 2 }));
    }

    [Test]
    public void Exact_sizes_are_demanded_along_every_axis()
    {
        using Conv2D model = new(1, 1, 3, stride: 2, padding: (1, 0), exact: true);
        Assert.That(model.Forward(Tensor.Zeros([1, 1, 7, 7])).Shape, Is.EqualTo(new Shape([1, 1, 4, 3])));
        Errors.Expect<ShapeException>(() => model.Forward(Tensor.Zeros([1, 1, 8, 7])), "(8 − 3 + 2)/2 + 1 = 4.5", "dimension 2", "exact", "Conv2D(");
        Errors.Expect<ShapeException>(() => model.Forward(Tensor.Zeros([1, 1, 7, 10])), "(10 − 3 + 0)/2 + 1 = 4.5", "dimension 3", "The last 1 element");
        using Conv1D dilated = new(1, 1, 3, stride: 3, dilation: 2, exact: true);
        Errors.Expect<ShapeException>(() => dilated.Forward(Tensor.Zeros([1, 1, 10])), "(10 − 5 + 0)/3 + 1 = 2.667", "The last 2 elements");
    }

    [Test]
    public void Parameters_start_uniform_in_one_over_the_root_of_the_fan_in()
    {
        (ConvolutionLayer Layer, int FanIn)[] layers =
        [
            (new Conv1D(8, 32, 5, groups: 2), 4 * 5), (new Conv2D(8, 32, (3, 2)), 8 * 6), (new Conv3D(4, 32, 2), 4 * 8),
            (new ConvTranspose1D(32, 8, 5), 8 * 5), (new ConvTranspose2D(32, 8, (3, 2), groups: 2), 4 * 6), (new ConvTranspose3D(32, 4, 2), 4 * 8),
        ];
        foreach ((ConvolutionLayer layer, int fanIn) in layers)
        {
            layer.Initialize(new Generator(3));
            double limit = 1 / Math.Sqrt(fanIn), largest = HostValues.Of(layer.Weight).Max(Math.Abs);
            Assert.That(largest, Is.InRange(0.95 * limit, limit), layer.ToString());
            Assert.That(HostValues.Of(layer.Bias!).Max(Math.Abs), Is.LessThanOrEqualTo(limit), layer.ToString());
            Assert.That(layer.StateDictionary().Keys, Is.EqualTo(new[] { "weight", "bias" }));
            layer.Dispose();
        }
    }

    [Test]
    public void Layers_print_as_they_were_made()
    {
        Prints(new Conv1D(3, 6, 5, 2, 1, 1, 3), "Conv1D(3 → 6, 5, stride: 2, padding: 1, groups: 3)");
        Prints(new Conv2D(6, 3, padding: Padding.Same, paddingMode: PadMode.Reflect, bias: false), "Conv2D(? → 6, (3, 3), padding: Same, paddingMode: Reflect, bias: false)");
        Prints(new Conv2D(1, 2, 3, padding: (1, 0), paddingValue: 0.5, exact: true), "Conv2D(1 → 2, (3, 3), padding: (1, 0), paddingValue: 0.5, exact: true)");
        Prints(new Conv3D(1, 2, (1, 2, 3), dilation: 2), "Conv3D(1 → 2, (1, 2, 3), dilation: (2, 2, 2))");
        Prints(new ConvTranspose2D(1, 2, 3, 2, 1, 1), "ConvTranspose2D(1 → 2, (3, 3), stride: (2, 2), padding: (1, 1), outputPadding: (1, 1))");
    }

    [Test]
    public void Layers_learn_the_number_of_channels_from_their_first_input()
    {
        using Conv3D convolution = new(6, 2, groups: 2);
        using ConvTranspose1D transposed = new(6, 3, groups: 2);
        convolution.Build(Tensor.Zeros([1, 4, 3, 3, 3], DType.Float64));
        transposed.Build(Tensor.Zeros([1, 4, 3]));
        Assert.That(convolution.Weight.Shape, Is.EqualTo(new Shape([6, 2, 2, 2, 2])));
        Assert.That(convolution.Weight.DType, Is.EqualTo(DType.Float64));
        Assert.That(transposed.Weight.Shape, Is.EqualTo(new Shape([4, 3, 3])));
    }

    [Test]
    public void No_images_are_no_error()
    {
        Maps(new Conv1D(2, 3, 3), Tensor.Zeros([0, 2, 5]), [0, 3, 3]);
        Maps(new Conv2D(2, 3, 3, padding: 1, paddingMode: PadMode.Reflect), Tensor.Zeros([0, 2, 5, 5]), [0, 3, 5, 5]);
        Maps(new ConvTranspose3D(2, 3, 3), Tensor.Zeros([0, 2, 2, 2, 2]), [0, 3, 4, 4, 4]);
    }

    [Test]
    public void Constructors_reject_what_cannot_be()
    {
        Errors.Expect<ArgumentOutOfRangeException>(() => _ = new Conv1D(1, 4, 0), "size");
        Errors.Expect<ArgumentOutOfRangeException>(() => _ = new Conv3D(1, 4, (1, 2, 0)), "size");
        Errors.Expect<ArgumentOutOfRangeException>(() => _ = new Conv3D(1, 4, 2, stride: (1, 0, 1)), "stride");
        Errors.Expect<ArgumentOutOfRangeException>(() => _ = new Conv2D(1, 4, 2, padding: -1), "padding is -1");
        Errors.Expect<ArgumentException>(() => _ = new Conv2D(1, 4, 2, padding: (1, 1, 1)), "3 numbers", "2 spatial axes");
        Errors.Expect<ArgumentException>(() => _ = new Conv1D(1, 4, 3, stride: 2, padding: Padding.Same), "Padding.Same", "stride of 2");
        Errors.Expect<ArgumentException>(() => _ = new Conv1D(1, 4, 3, padding: 1, paddingMode: PadMode.Reflect, paddingValue: 1), "PadMode.Constant", "Reflect");
        Errors.Expect<ArgumentOutOfRangeException>(() => _ = new Conv1D(1, 4, 3, paddingMode: (PadMode)9), "padding mode");
        Errors.Expect<ArgumentException>(() => _ = new Conv3D(3, 4, 3, groups: 2), "3 input channels");
        Errors.Expect<ArgumentException>(() => _ = new ConvTranspose2D(4, 3, 3, groups: 2), "3 output channels");
        Errors.Expect<ArgumentOutOfRangeException>(() => _ = new ConvTranspose1D(1, 1, 3, stride: 2, outputPadding: 2), "output padding is 2", "less than the stride");
        Errors.Expect<ArgumentOutOfRangeException>(() => _ = new ConvTranspose3D(1, 1, 3, padding: -1), "padding is (-1, -1, -1)");
    }

    [Test]
    public void Inputs_that_do_not_fit_are_told_what_would()
    {
        Rejects<ShapeException>(new Conv1D(3, 4, 3), Tensor.Zeros([2, 5]), "[batch, channels, length]", "[2, 5]", "Unsqueeze");
        Rejects<ShapeException>(new Conv3D(3, 4, 3), Tensor.Zeros([1, 3, 5, 5]), "[batch, channels, depth, height, width]");
        Rejects<ShapeException>(new Conv1D(3, 4, 3), Tensor.Zeros([1, 2, 5]), "2 channels", "is for 3");
        Rejects<ShapeException>(new ConvTranspose1D(3, 4, 3), Tensor.Zeros([1, 2, 5]), "2 channels", "is for 3");
        Rejects<ShapeException>(new Conv3D(3, 4, 3), Tensor.Zeros([1, 3, 2, 5, 5]), "depth", "must fit at least once");
        Rejects<ShapeException>(new Conv1D(3, 4, 3, padding: 5, paddingMode: PadMode.Reflect), Tensor.Zeros([1, 3, 5]), "Reflect", "at most 4");
        Rejects<ShapeException>(new ConvTranspose2D(1, 1, 2, padding: 3), Tensor.Zeros([1, 1, 4, 4]), "Use less padding");
        Rejects<DTypeException>(new Conv1D(3, 4, 3), Tensor.Zeros([1, 3, 5], DType.Float64), "Float64", "Cast");
    }

    [Test]
    public void Tensor_methods_name_what_does_not_fit()
    {
        Tensor sequence = Tensor.Zeros([1, 4, 9]), volume = Tensor.Zeros([1, 4, 5, 5, 5]);
        Errors.Expect<ShapeException>(() => sequence.Convolution1D(Tensor.Zeros([2, 4, 3, 3])), "Convolution1D", "[2, 4, 3, 3]", "[filters, channels / groups, length]");
        Errors.Expect<ShapeException>(() => sequence.Convolution1D(Tensor.Zeros([2, 3, 3])), "[2, 3, 3]", "[2, 4, 3]");
        Errors.Expect<ShapeException>(() => sequence.Convolution1D(Tensor.Zeros([2, 4, 10])), "length", "size 10");
        Errors.Expect<ShapeException>(() => volume.Convolution3D(Tensor.Zeros([2, 4, 3, 3, 3]), Tensor.Zeros([3])), "bias", "2 filters");
        Errors.Expect<ShapeException>(() => volume.Convolution3D(Tensor.Zeros([2, 4, 3, 3, 3]), stride: (0, 1, 1)), "depth window", "stride 0");
        Errors.Expect<ShapeException>(() => sequence.Convolution3D(Tensor.Zeros([2, 4, 3, 3, 3])), "Convolution3D", "5 dimensions");
        Errors.Expect<ShapeException>(() => sequence.ConvolutionTranspose1D(Tensor.Zeros([3, 2, 3])), "ConvolutionTranspose1D", "4 channels", "is for 3");
        Errors.Expect<ShapeException>(() => sequence.ConvolutionTranspose1D(Tensor.Zeros([4, 2, 3]), groups: 3), "3 groups");
        Errors.Expect<ShapeException>(() => sequence.ConvolutionTranspose1D(Tensor.Zeros([4, 2, 3]), Tensor.Zeros([2]), groups: 2), "bias", "makes 4 channels");
        Errors.Expect<ShapeException>(() => sequence.ConvolutionTranspose1D(Tensor.Zeros([4, 2, 3]), outputPadding: 1), "output padding is 1", "stride 1");
        Errors.Expect<ShapeException>(() => sequence.ConvolutionTranspose1D(Tensor.Zeros([4, 2, 3]), stride: 0), "stride 0");
        Errors.Expect<ShapeException>(() => sequence.ConvolutionTranspose2D(Tensor.Zeros([4, 2, 3, 3])), "[images, channels, height, width]");
        Errors.Expect<ShapeException>(() => volume.ConvolutionTranspose3D(Tensor.Zeros([4, 2, 3, 3])), "[channels, filters / groups, depth, height, width]");
        Errors.Expect<DTypeException>(() => volume.ConvolutionTranspose3D(Tensor.Zeros([4, 2, 3, 3, 3], DType.Float64)), "Cast");
        Errors.Expect<DTypeException>(() => Tensor.Zeros([1, 4, 9], DType.Int64).Convolution1D(Tensor.Zeros([2, 4, 3], DType.Int64)), "Float32");
    }

    private static Tensor Random(Shape shape, ulong seed) => Tensor.Uniform(shape, new Generator(seed), -1, 1, DType.Float64);

    private static void Prints(ConvolutionLayer layer, string text)
    {
        using (layer) Assert.That(layer.ToString(), Is.EqualTo(text));
    }

    private static void Maps(ConvolutionLayer layer, Tensor x, Shape shape)
    {
        using (layer) Assert.That(layer.Forward(x).Shape, Is.EqualTo(shape));
    }

    private static void Rejects<T>(ConvolutionLayer layer, Tensor x, params string[] parts) where T : Exception
    {
        using (layer) Errors.Expect<T>(() => layer.Forward(x), parts);
    }
}
