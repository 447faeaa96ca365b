using Gradwright.Kernels;
using Gradwright.Layers;

namespace Gradwright.Bench;

internal static partial class BenchCases
{
    private static IEnumerable<BenchCase> Elementwise()
        => [.. Maps(10_000, "1e4"), .. Maps(10_000_000, "1e7"), .. Reductions(), .. Softmaxes(), .. Normalizations()];

    private static IEnumerable<BenchCase> Maps(long n, string label)
    {
        foreach ((string name, Op op) in ((string, Op)[])
            [("relu", Unary<Relu>.Instance), ("sigmoid", Unary<Kernels.Sigmoid>.Instance), ("tanh", Unary<Kernels.Tanh>.Instance), ("exp", Unary<Exp>.Instance), ("gelu", Unary<Gelu>.Instance)])
        {
            yield return new("B", $"{name}_{label}", "out= preallocated", () =>
            {
                Tensor x = Operand.Normal(n), y = Tensor.Empty([n]);
                return (Action)(() => op.ExecuteInto(y, x));
            }, 8 * n);
        }

        Op add = Binary<Add>.Instance, multiply = Binary<Multiply>.Instance;
        yield return new("B", $"add_{label}", "out=", () =>
        {
            Tensor a = Operand.Normal(n), b = Operand.Normal(n), y = Tensor.Empty([n]);
            return (Action)(() => add.ExecuteInto(y, a, b));
        }, 12 * n);

        yield return new("B", $"mul_then_add_{label}", "two ops, out=", () =>
        {
            Tensor a = Operand.Normal(n), b = Operand.Normal(n), c = Operand.Normal(n), y = Tensor.Empty([n]);
            return (Action)(() =>
            {
                multiply.ExecuteInto(y, a, b);
                add.ExecuteInto(y, y, c);
            });
        }, 24 * n);

        yield return new("B", $"addcmul_{label}", "one op, out=", () =>
        {
            Tensor a = Operand.Normal(n), b = Operand.Normal(n), c = Operand.Normal(n), y = Tensor.Empty([n]);
            return (Action)(() => AddProduct.Plain.ExecuteInto(y, a, b, c));
        }, 16 * n);

        yield return new("B", $"relu_alloc_{label}", "fresh result tensor", () =>
        {
            Tensor x = Operand.Normal(n);
            return Fresh(() => x.Relu());
        }, 8 * n);
    }

    private static IEnumerable<BenchCase> Reductions()
    {
        const int Size = 4096;
        foreach ((string name, Func<Tensor, int, Tensor> reduce) in ((string, Func<Tensor, int, Tensor>)[])
            [("sum", (x, axis) => x.Sum(axis)), ("max", (x, axis) => x.Max(axis)), ("argmaxmax", MaxAndWhere), ("mean", (x, axis) => x.Mean(axis))])
        {
            foreach ((int axis, string label) in ((int, string)[])[(1, "rows"), (0, "cols")])
            {
                yield return new("B", $"{name}_{label}_{Size}", $"{Size}x{Size} dim={axis}{(name == "argmaxmax" ? " values+indices, two ops" : "")}", () =>
                {
                    Tensor x = Operand.Normal(Size, Size);
                    return Fresh(() => reduce(x, axis));
                }, 4.0 * Size * Size);
            }
        }

        yield return new("B", $"sum_all_{Size}", "", () =>
        {
            Tensor x = Operand.Normal(Size, Size);
            return Fresh(() => x.Sum());
        }, 4.0 * Size * Size);
    }

    private static Tensor MaxAndWhere(Tensor x, int axis)
    {
        x.Max(axis);
        return x.ArgMax(axis);
    }

    private static IEnumerable<BenchCase> Softmaxes()
    {
        foreach ((long rows, long columns) in ((long, long)[])[(128, 1000), (4096, 4096)])
        {
            foreach ((string name, Func<Tensor, Tensor> f) in ((string, Func<Tensor, Tensor>)[])[("softmax", x => x.Softmax(1)), ("log_softmax", x => x.LogSoftmax(1))])
            {
                yield return new("B", $"{name}_fb_{rows}x{columns}", "fwd+bwd dim=1", () =>
                {
                    Tensor x = Operand.Leaf(rows, columns), g = Operand.Normal(rows, columns);
                    return ForwardAndBackward(() => f(x), g, x);
                }, 5 * 4.0 * rows * columns);
            }
        }

        yield return new("B", "cross_entropy_fb_128x1000", "fwd+bwd mean", () =>
        {
            Tensor x = Operand.Leaf(128, 1000), targets = Operand.Classes(128, 1000);
            return ForwardAndBackward(() => Loss.CrossEntropy(x, targets), null, x);
        });
    }

    private static IEnumerable<BenchCase> Normalizations()
    {
        yield return new("B", "layer_norm_fb_512x1024", "fwd+bwd affine", () =>
        {
            Tensor x = Operand.Leaf(512, 1024), g = Operand.Normal(512, 1024);
            Layers.LayerNorm norm = new(1024);
            return ForwardAndBackward(() => norm.Forward(x), g, [x, .. norm.Parameters()]);
        }, 5 * 4.0 * 512 * 1024);
        yield return new("B", "batch_norm2d_fb_32x64x56x56", "fwd+bwd training", () =>
        {
            Tensor x = Operand.Leaf(32, 64, 56, 56), g = Operand.Normal(32, 64, 56, 56);
            BatchNorm2D norm = new(64);
            return ForwardAndBackward(() => norm.Forward(x), g, [x, .. norm.Parameters()]);
        }, 5 * 4.0 * 32 * 64 * 56 * 56);
    }
}
