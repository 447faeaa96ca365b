using Gradwright.Checking;
using Gradwright.Kernels;
using Gradwright.Layers;
using Gradwright.Models;
using Gradwright.Optim;

namespace Gradwright.Examples.KernelList;

/// <summary>
/// Every specialisation of a kernel that the library uses on a CUDA device, found by running it on an accelerator that only takes notes: all op samples with
/// their derivatives, in both precisions and several memory orders; models in training; the optimizers; products and convolutions of any size.
/// </summary>
internal sealed partial class KernelCatalog
{
    private static readonly Lock _lock = new();
    private static readonly Dictionary<int, KernelCatalog> _made = [];

    private readonly Dictionary<string, KernelSpec> _specs = [];
    private readonly SortedDictionary<string, string> _skipped = new(StringComparer.Ordinal);
    private readonly RecordingAccelerator _gpu;

    private KernelCatalog(int capability)
    {
        _gpu = new(RecordingAccelerator.Cuda(capability));
        foreach (DType dtype in (DType[])[DType.Float32, DType.Float64])
        {
            foreach (OpSample sample in OpSamples.All) AddSample(sample, dtype);
            AddProducts(dtype);
            AddConvolutions(dtype);
            AddLongLines(dtype);
            AddClasses(dtype);
            AddNorms(dtype);
            AddOptimizers(dtype);
            AddAttention(dtype);
        }

        AddTypes();
        AddLargeTensors();
        AddModels();
        AddFills();
        Try("the limits of a device", () => DeviceLimits.Measure(_gpu));

        foreach (KernelSpec spec in _gpu.Launched) _specs.TryAdd($"{spec.Capability} {spec.Entry} {KernelText.Assemble(spec)}", spec);
    }

    /// <summary>The specialisations; equal text counts once.</summary>
    public IReadOnlyCollection<KernelSpec> Specs => _specs.Values;

    /// <summary>What does not run on a GPU, and what it said.</summary>
    public IReadOnlyDictionary<string, string> Skipped => _skipped;

    /// <summary>The catalog for devices of a compute capability; 80 is 8.0. Made once.</summary>
    public static KernelCatalog For(int capability)
    {
        lock (_lock) return _made.TryGetValue(capability, out KernelCatalog? known) ? known : _made[capability] = new(capability);
    }

    private void AddSample(OpSample sample, DType dtype)
    {
        (string Name, Func<Tensor, Tensor> Make)[] orders = [("", x => x), ("transposed", Transposed), ("with gaps", Sliced), ("at an odd place", Shifted)];
        foreach ((string order, Func<Tensor, Tensor> make) in orders)
        {
            Try($"{sample.Op.Name}", () =>
            {
                Tensor[] x = [.. sample.MakeOperands(dtype).Select(t => make(new Transfer(t.Accelerator, _gpu).Execute(t)))];
                sample.ResultsOn(_gpu, x);
            });
            if (!sample.IsDifferentiable) continue;
            Try($"{sample.Op.Name}, its gradient", () =>
            {
                Tensor[] x = [.. sample.MakeOperands(dtype).Select(t => make(new Transfer(t.Accelerator, _gpu).Execute(t)))];
                sample.GradientsOn(_gpu, x);
            });
        }
    }

    /// <summary>What tensors of billions of elements need: every sample once more, as if its tensors were such.</summary>
    private void AddLargeTensors()
    {
        TuningTable own = _gpu.Tuning;
        _gpu.Tuning = own with { WideFrom = 0 };
        foreach (DType dtype in (DType[])[DType.Float32, DType.Float64])
        {
            foreach (OpSample sample in OpSamples.All) AddSample(sample, dtype);
            AddLongLines(dtype);
        }

        AddTypes();
        _gpu.Tuning = own;
    }

    /// <summary>Products of sizes for which an accelerator has kernels of their own: square, flat, narrow, deep, and one by one; as is and transposed.</summary>
    private void AddProducts(DType dtype)
    {
        long[][] sizes = [[2048, 2048, 2048], [4096, 8, 512], [8, 4096, 512], [64, 64, 65536], [1, 1024, 1024], [1024, 1, 1024], [513, 257, 129], [96, 96, 96]];
        foreach (long[] size in sizes)
        {
            for (int turned = 0; turned < 4; turned++)
            {
                bool turnA = (turned & 1) != 0, turnB = (turned & 2) != 0;
                Try($"MatMul of {string.Join(" x ", size)}", () =>
                {
                    Tensor a = Matrix(size[0], size[2], turnA), b = Matrix(size[2], size[1], turnB), bias = Tensor.Empty([size[1]], dtype, _gpu);
                    MatMul.Instance.Execute(a, b);
                    MatMul.Instance.Execute(a, b, bias);
                    new ActivatedMatMul(Activation.Relu).Execute(a, b, bias);
                    foreach (MatMulPrecision precision in (MatMulPrecision[])[MatMulPrecision.TensorFloat32, MatMulPrecision.BFloat16])
                        using (precision.Use()) MatMul.Instance.Execute(a, b);
                });
            }
        }

        Tensor Matrix(long rows, long columns, bool turned)
            => turned ? new Permute([1, 0]).Execute(Tensor.Empty([columns, rows], dtype, _gpu)) : Tensor.Empty([rows, columns], dtype, _gpu);
    }

    /// <summary>Each way of computing a convolution, whichever the sizes would choose, for numbers of planes with tiles of their own.</summary>
    private void AddConvolutions(DType dtype)
    {
        Window window = new(3, 1, 1);
        foreach (long planes in (long[])[12, 24, 48, 200])
        {
            AddConvolution(new Convolution2D(window, window), ConvolutionWay.Implicit, [8, planes, 28, 28], dtype);
            AddConvolution(new Convolution2D(window, window), ConvolutionWay.Columns, [8, planes, 28, 28], dtype);
            AddConvolution(new Convolution3D(window, window, window), ConvolutionWay.Implicit, [2, planes, 8, 14, 14], dtype);
        }
    }

    private void AddConvolution(Kernels.Convolution op, ConvolutionWay way, Shape input, DType dtype)
        => Try($"{op.Name}, {way}", () =>
        {
            ConvolutionShape shape = new(op, op, input, input[1]);
            Tensor x = Tensor.Empty(input, dtype, _gpu), weight = Tensor.Empty(shape.Weight, dtype, _gpu), y = Tensor.Empty(shape.Output, dtype, _gpu);
            GpuConvolution.Forward(_gpu, shape, way, x, weight, null, y);
            GpuConvolution.InputGradient(_gpu, shape, way, y, weight, x);
            GpuConvolution.WeightGradient(_gpu, shape, way, x, y, weight);
        });

    /// <summary>What runs along an axis, on axes of many elements: several groups then share one line.</summary>
    private void AddLongLines(DType dtype)
    {
        Func<Tensor, int, Tensor>[] all =
        [
            (x, axis) => x.Sum(axis), (x, axis) => x.Mean(axis), (x, axis) => x.Max(axis), (x, axis) => x.Min(axis), (x, axis) => x.Prod(axis), (x, axis) => x.Variance(axis),
            (x, axis) => x.Norm(axis), (x, axis) => x.LogSumExp(axis), (x, axis) => x.Softmax(axis), (x, axis) => x.LogSoftmax(axis), (x, axis) => x.CumulativeSum(axis), (x, axis) => x.CumulativeProduct(axis),
            (x, axis) => x.Sort(axis).Values, (x, axis) => x.Max(axis) * x.ArgMax(axis).Cast(x.DType), (x, axis) => x.Sum(axis) * x.EqualTo(0).Any(axis).Cast(x.DType),
        ];
        foreach (Func<Tensor, int, Tensor> compute in all)
        {
            foreach (long[] shape in (long[][])[[4, 100_000], [100_000, 4], [1 << 22]])
            {
                for (int axis = 0; axis < shape.Length; axis++)
                {
                    Try("long lines", () =>
                    {
                        using Tape tape = new();
                        Tensor x = Tensor.Empty(shape, dtype, _gpu);
                        tape.Watch(x);
                        tape.Gradients(compute(x, axis).Sum(), [x]);
                    });
                }
            }
        }

        foreach (DType type in (DType[])[DType.Int32, DType.Int64, DType.UInt8])
            Try("long lines of integers", () => Tensor.Empty([2, 5000], type, _gpu).Sort());
    }

    /// <summary>Attention of heads wider than a tile, with and without dropout.</summary>
    private void AddAttention(DType dtype)
    {
        foreach (Attention op in (Attention[])[new(1), new(1, Dropped: 0.5)])
        {
            Try("attention of wide heads", () =>
            {
                using Tape tape = new();
                Tensor x = tape.Watch(Tensor.Empty([2, 300, 128], dtype, _gpu));
                tape.Gradients(Tape.Apply(op, x, x, x).Sum(), [x]);
            });
        }
    }

    /// <summary>Losses over any number of classes, in rows and in columns.</summary>
    private void AddClasses(DType dtype)
    {
        foreach (long[] shape in (long[][])[[8, 10], [8, 100], [8, 1000], [8, 5000], [8, 5, 64], [8, 30, 64], [8, 300, 64]])
        {
            Func<Tensor, Tensor, Tensor>[] all =
            [
                (x, t) => Loss.CrossEntropy(x, t), (x, t) => Loss.CrossEntropy(x, t, labelSmoothing: 0.1), (x, t) => Loss.CrossEntropy(x, t, Tensor.Ones([shape[1]], dtype, _gpu)),
                (x, t) => Loss.CrossEntropy(x, x.Detach()), (x, t) => Loss.MulticlassHinge(x, t), (x, t) => Loss.MulticlassHinge(x, t, squared: true),
            ];
            foreach (Func<Tensor, Tensor, Tensor> loss in all)
            {
                Try("losses over classes", () =>
                {
                    using Tape tape = new();
                    Tensor x = tape.Watch(Tensor.Empty(shape, dtype, _gpu));
                    tape.Gradients(loss(x, Tensor.Zeros((long[])[shape[0], .. shape[2..]], DType.Int64, _gpu)), [x]);
                });
            }
        }
    }

    /// <summary>Normalisation of short, middling and long rows, which more and more items share, with their gradients; of chunks of those lengths as well.</summary>
    private void AddNorms(DType dtype)
    {
        foreach (long length in (long[])[16, 200, 2000, 100_000])
        {
            Func<Tensor, Tensor[], Tensor>[] all =
            [
                (x, affine) => x.LayerNorm(affine[0], affine[1]), (x, affine) => x.RmsNorm(affine[0]), (x, affine) => x.Reshape(x.Shape[0], 4, length / 4).GroupNorm(2, affine[2], affine[3]),
            ];
            foreach (Func<Tensor, Tensor[], Tensor> compute in all)
            {
                Try("normalisation", () =>
                {
                    using Tape tape = new();
                    Tensor x = tape.Watch(Tensor.Empty([40, length], dtype, _gpu));
                    Tensor[] affine = [.. ((long[])[length, length, 4, 4]).Select(n => tape.Watch(Tensor.Empty([n], dtype, _gpu)))];
                    tape.Gradients(compute(x, affine).Sum(), [x]);
                });
            }
        }
    }

    private void AddOptimizers(DType dtype)
    {
        Func<Tensor[], Optimizer>[] all =
        [
            p => new Sgd(p, 0.1), p => new Sgd(p, 0.1, weightDecay: 0.1), p => new Sgd(p, 0.1, momentum: 0.9), p => new Sgd(p, 0.1, momentum: 0.9, nesterov: true, weightDecay: 0.1),
            p => new Sgd(p, 0.1, momentum: 0.9, dampening: 0.1), p => new Adam(p), p => new Adam(p, weightDecay: 0.1), p => new AdamW(p), p => new Adam(p, amsGrad: true),
            p => new AdamW(p, amsGrad: true), p => new NAdam(p), p => new NAdam(p, weightDecay: 0.1), p => new NAdam(p, weightDecay: 0.1, decoupled: true), p => new Adagrad(p),
            p => new Adagrad(p, weightDecay: 0.1), p => new RmsProp(p), p => new RmsProp(p, momentum: 0.9), p => new RmsProp(p, centred: true), p => new RmsProp(p, momentum: 0.9, centred: true),
            p => new Adadelta(p), p => new Adadelta(p, weightDecay: 0.1), p => new Lion(p), p => new Lars(p), p => new Lamb(p), p => new Muon(p),
        ];
        foreach (Func<Tensor[], Optimizer> make in all)
        {
            Try("optimizers", () =>
            {
                Tensor[] parameters = [.. ((long[])[7, 1024, 100_000]).Select(n => Tensor.Parameter(Tensor.Zeros([n], dtype, _gpu)))];
                using Optimizer optimizer = make(parameters);
                using (Tape tape = new()) tape.Backward(parameters.Select(p => (p * p).Sum()).Aggregate((a, b) => a + b));
                optimizer.Step();
            });
        }

        Try("looking ahead", () =>
        {
            Tensor[] parameters = [Tensor.Parameter(Tensor.Zeros([1024], dtype, _gpu))];
            foreach (double decay in (double[])[0, 0.1])
            {
                using Nesterov optimizer = new(parameters, weightDecay: decay);
                for (int i = 0; i < 2; i++)
                {
                    optimizer.LookAhead();
                    using (Tape tape = new()) tape.Backward((parameters[0] * parameters[0]).Sum());
                    optimizer.Step();
                    optimizer.ZeroGrad();
                }
            }
        });
        Try("clipping", () =>
        {
            Tensor[] parameters = [Tensor.Parameter(Tensor.Zeros([1024], dtype, _gpu))];
            using (Tape tape = new()) tape.Backward((parameters[0] * parameters[0]).Sum());
            Clip.ByNorm(parameters, 1);
            Clip.ByValue(parameters, 1);
        });
        Try("regularizers and averages", () =>
        {
            Tensor[] parameters = [Tensor.Parameter(Tensor.Zeros([32, 32], dtype, _gpu))];
            using (Tape tape = new()) tape.Backward(Regularizer.ElasticNet(parameters, 0.1, 0.1));
            Regularizer.AddToGradients(parameters, 0.1, 0.1);
            Regularizer.Shrink(parameters, 0.1);
            Regularizer.LimitNorms(parameters, 3);
            using WeightAverage average = WeightAverage.Equal(parameters);
            average.Update();
            using (average.Swap()) parameters[0].Detach();
        });
    }

    private void AddModels()
    {
        AddModel("Mlp", new Mlp(784, 256, 10), [64, 784]);
        AddModel("LeNet5", new LeNet5(), [64, 1, 28, 28]);
        AddModel("LeNet5, classic", new LeNet5(classic: true), [8, 1, 32, 32]);
        AddModel("digits", Digits.DigitNetwork.Create(1), [64, 1, 28, 28]);
        AddModel("ResNet18", new ResNet18(10, ResNetStem.Small), [16, 3, 32, 32]);
        AddModel("MobileNetV2", new MobileNetV2(10), [2, 3, 64, 64]);
        AddModel("VggSmall", new VggSmall(), [16, 3, 32, 32]);
    }

    private void AddModel(string name, Module<Tensor, Tensor> model, long[] shape)
    {
        Try($"model {name}", () =>
        {
            model.Initialize(new Generator(1));
            model.To(_gpu);
            Tensor x = Tensor.Zeros(shape, accelerator: _gpu), targets = Tensor.Zeros([shape[0]], DType.Int64, _gpu);
            using (Tape tape = new()) tape.Backward(Loss.CrossEntropy(model.Forward(x), targets));
            model.Eval();
            model.Forward(x).ToArray<float>();
        });
        model.Dispose();
    }

    private void AddFills()
    {
        Try("fill", () => Tensor.Ones([3], DType.Float64, _gpu));
    }

    private void Try(string what, Action run)
    {
        try
        {
            using TensorScope scope = new();
            run();
        }
        catch (Exception e) when (e is AcceleratorException or ArgumentException or ArithmeticException)
        {
            // An op without a kernel; or one that looked at values, which are zeros here.
            _skipped.TryAdd(what, e.Message);
        }
    }

    private static Tensor Transposed(Tensor x)
    {
        int[] order = [.. Enumerable.Range(0, x.Rank).Reverse()];
        return new Permute(order).Execute(new Copy().Execute(new Permute(order).Execute(x)));
    }

    private static Tensor Sliced(Tensor x)
    {
        Tensor place = Tensor.Empty([.. x.Shape.Span.ToArray().Select(n => 2 * n + 1)], x.DType, x.Accelerator);
        for (int axis = 0; axis < x.Rank; axis++) place = new Slice(axis, 1, x.Shape.Span[axis], 2).Execute(place);
        return place;
    }

    /// <summary>In one run, at an address that forbids vectors.</summary>
    private static Tensor Shifted(Tensor x)
        => new Reshape(x.Shape).Execute(new Slice(0, 1, x.Count, 1).Execute(Tensor.Empty([x.Count + 1], x.DType, x.Accelerator)));
}
