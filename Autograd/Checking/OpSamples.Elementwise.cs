using Gradwright.Kernels;

namespace Gradwright.Checking;

public static partial class OpSamples
{
    private static void AddElementwise()
    {
        AddArithmetic();
        AddFunctions();
        AddActivations();
        AddRelations();
        AddChains();
        Single(new Copy(), x => x);
    }

    private static void AddArithmetic()
    {
        Pair<Add>((a, b) => a + b);
        Pair<Subtract>((a, b) => a - b);
        Pair<Multiply>((a, b) => a * b);
        Pair<Divide>((a, b) => a / b, 0.5);
        Pair<Maximum>(Math.Max);
        Pair<Minimum>(Math.Min);
        Pair<Share>((a, b) => a > b ? 1 : a == b ? 0.5 : 0);
        Pair<Power>(Math.Pow, 0.3);
        Pair<XLogY>((a, b) => a == 0 ? 0 : a * Math.Log(b), 0.3);
        Sample(new OpSample(Binary<Remainder>.Instance, [new([4, 9], 3.1, 3.9), new([4, 9], 0.92, 0.98)]) { Reference = x => x[0] - x[1] * Math.Floor(x[0] / x[1]), Tolerance = 32 });
        Sample(new OpSample(AddProduct.Plain, [new([5, 19]), new([5, 19]), new([5, 19])]) { Reference = x => x[0] + x[1] * x[2] });
        Sample(new OpSample(new AddProduct(-0.75), [new([3, 1]), new([2, 1, 37]), new([3, 37])], "broadcast") { Reference = x => x[0] - 0.75 * x[1] * x[2] });
        Single(new BinaryScalar<Add>(0.75, false), x => x + 0.75);
        Single(new BinaryScalar<Subtract>(0.75, true), x => 0.75 - x);
        Single(new BinaryScalar<Subtract>(0.75, false), x => x - 0.75);
        Single(new BinaryScalar<Multiply>(-1.5, false), x => x * -1.5);
        Single(new BinaryScalar<Divide>(3, false), x => x / 3);
        Single(new BinaryScalar<Divide>(3, true), x => 3 / x, 0.5);
        Single(new BinaryScalar<Maximum>(0.3, false), x => Math.Max(x, 0.3));
        Single(new BinaryScalar<Minimum>(0.3, false), x => Math.Min(x, 0.3));
        Single(new BinaryScalar<Share>(0.3, false), x => x > 0.3 ? 1 : 0);
        Single(new BinaryScalar<Power>(3, false), x => x * x * x);
        Single(new BinaryScalar<Power>(2, true), x => Math.Pow(2, x));
        Single(new BinaryScalar<Remainder>(10, false), x => x, 0.5);
        Single<Negate>(x => -x);
        Single<Absolute>(Math.Abs);
        Single<Square>(x => x * x);
        Single<SquareRoot>(Math.Sqrt, 0.1);
        Single<ReciprocalSquareRoot>(x => 1 / Math.Sqrt(x), 0.1);
        Single<Sign>(x => Math.Sign(x));
        Single<Floor>(Math.Floor);
        Single<Ceiling>(Math.Ceiling);
        Single<Truncate>(Math.Truncate);
        Single<Round>(Math.Round);
    }

    private static void AddFunctions()
    {
        Single<Exp>(Math.Exp);
        Single<Expm1>(x => Math.Exp(x) - 1);
        Single<Log>(Math.Log, 0.2);
        Single<Log1p>(x => Math.Log(1 + x), -0.6);
        Single<Sine>(Math.Sin);
        Single<Cosine>(Math.Cos);
        Single<Tangent>(Math.Tan, -1.2, 1.2);
        Single<ArcSine>(Math.Asin, -0.9, 0.9);
        Single<ArcCosine>(Math.Acos, -0.9, 0.9);
        Single<ArcTangent>(Math.Atan);
        Single<Erf>(Erf);
    }

    private static void AddActivations()
    {
        Single<Relu>(x => Math.Max(x, 0));
        Pair<ReluGradient>((g, y) => y > 0 ? g : 0);
        Single<Sigmoid>(x => 1 / (1 + Math.Exp(-x)));
        Pair<SigmoidGradient>((g, y) => g * y * (1 - y));
        Single<Tanh>(Math.Tanh);
        Pair<TanhGradient>((g, y) => g * (1 - y * y));
        Single<Softplus>(x => Math.Log(1 + Math.Exp(x)));
        Single<Gelu>(x => x * 0.5 * (1 + Erf(x / Math.Sqrt(2))));
        Pair<GeluGradient>((g, x) => g * (0.5 * (1 + Erf(x / Math.Sqrt(2))) + x * Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI)));
        Single<GeluTanh>(x => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))));
        Single<Silu>(x => x / (1 + Math.Exp(-x)));
        Pair<LeakyRelu>((x, slope) => x > 0 ? x : x * slope);
        Pair<LeakySlope>((x, slope) => x > 0 ? 1 : slope);
        Single(new BinaryScalar<LeakyRelu>(0.1, false), x => x > 0 ? x : 0.1 * x);
        Single(new BinaryScalar<LeakySlope>(0.1, false), x => x > 0 ? 1 : 0.1);
        Single(new BinaryScalar<Elu>(1.3, false), x => x > 0 ? x : 1.3 * (Math.Exp(x) - 1));
        Single(new BinaryScalar<EluSlope>(1.3, false), y => y > 0 ? 1 : y + 1.3);

        Func<double, double> sigmoid = u => 1 / (1 + Math.Exp(-u)), hard = x => Math.Clamp(x / 6 + 0.5, 0, 1), tilted = x => Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x);
        Func<double, double> softTanh = x => Math.Tanh(Math.Log(1 + Math.Exp(x)));
        Pair<GeluTanhGradient>((g, x) => g * (0.5 * (1 + Math.Tanh(tilted(x))) + 0.5 * x / Math.Pow(Math.Cosh(tilted(x)), 2) * Math.Sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * x * x)));
        Pair<Swish>((x, beta) => x * sigmoid(beta * x));
        Pair<SwishSlope>((x, beta) => sigmoid(beta * x) * (1 + beta * x * sigmoid(-beta * x)));
        Pair<SwishBetaSlope>((x, beta) => x * x * sigmoid(beta * x) * sigmoid(-beta * x));
        Single(new BinaryScalar<Swish>(1.7, false), x => x * sigmoid(1.7 * x));
        Single(new BinaryScalar<SwishSlope>(1.7, false), x => sigmoid(1.7 * x) * (1 + 1.7 * x * sigmoid(-1.7 * x)));
        Single<HardSigmoid>(hard, -5, 5);
        Pair<HardSigmoidGradient>((g, x) => Math.Abs(x) < 3 ? g / 6 : 0, -5, 5);
        Single<HardSwish>(x => x * hard(x), -5, 5);
        Pair<HardSwishGradient>((g, x) => x < -3 ? 0 : x > 3 ? g : g * (x / 3 + 0.5), -5, 5);
        Single<Mish>(x => x * softTanh(x), -4, 4);
        Pair<MishGradient>((g, x) => g * (softTanh(x) + x * (1 - softTanh(x) * softTanh(x)) * sigmoid(x)), -4, 4);
    }

    private static void AddChains()
    {
        ChainStep scale = new(new BinaryScalar<Multiply>(3, false), 0), tanh = new(Unary<Tanh>.Instance, ~0), sum = new(Binary<Add>.Instance, ~1, 1);
        Sample(new OpSample(new ElementwiseChain(scale, tanh, sum), [new([5, 19]), new([5, 19])]) { Reference = x => Math.Tanh(3 * x[0]) + x[1] });
        Sample(new OpSample(new ElementwiseChain(scale, tanh, sum, new ChainStep(new BinaryScalar<Subtract>(1, true), ~2), new ChainStep(AddProduct.Plain, ~3, ~1, 2)), [new([4, 3, 7]), new([3, 1]), new([7])], "broadcast, one result read twice")
        {
            Reference = x => 1 - (Math.Tanh(3 * x[0]) + x[1]) + Math.Tanh(3 * x[0]) * x[2],
        });
    }

    private static void AddRelations()
    {
        Relation<Equal>();
        Relation<NotEqual>();
        Relation<Less>();
        Relation<LessOrEqual>();
        Relation<LogicalAnd>();
        Relation<LogicalOr>();
        Sample(new CompareScalar<Equal>(1, false), new Operand([5]) { Values = [0, 1, 2, 1, -1] });
        Sample(new CompareScalar<NotEqual>(1, false), new Operand([5]) { Values = [0, 1, 2, 1, -1] });
        Sample(new CompareScalar<Less>(1, false), new Operand([5]) { Values = [0, 1, 2, 1, -1] });
        Sample(new CompareScalar<LessOrEqual>(1, true), new Operand([5]) { Values = [0, 1, 2, 1, -1] });
        Sample(new CompareScalar<NotANumber>(0, false), new Operand([4]) { Values = [0, double.NaN, double.PositiveInfinity, 1] });
        Sample(new CompareScalar<Finite>(0, false), new Operand([4]) { Values = [0, double.NaN, double.PositiveInfinity, 1] });
    }

    private static void Relation<TRelation>() where TRelation : struct, IRelation
        => Sample(Compare<TRelation>.Instance, new Operand([2, 3]) { Values = [0, 1, 2, 3, 4, 5] }, new Operand([2, 3]) { Values = [0, 2, 1, 0, 4, 6] });

    /// <summary>A function of one number on [low, high].</summary>
    private static void Single<TKernel>(Func<double, double> reference, double low = -2, double high = 2) where TKernel : struct, IUnaryKernel
        => Single(Unary<TKernel>.Instance, reference, low, high);

    private static void Single(Op op, Func<double, double> reference, double low = -2, double high = 2)
        => Sample(new OpSample(op, [new([3, 37], low, high)]) { Reference = x => reference(x[0]) });

    /// <summary>A function of two numbers, of one shape and broadcast.</summary>
    private static void Pair<TKernel>(Func<double, double, double> reference, double low = -2, double high = 2) where TKernel : struct, IBinaryKernel
    {
        Sample(new OpSample(Binary<TKernel>.Instance, [new([5, 19], low, high), new([5, 19], low, high)]) { Reference = x => reference(x[0], x[1]) });
        Sample(new OpSample(Binary<TKernel>.Instance, [new([2, 1, 17], low, high), new([3, 1], low, high)], "broadcast") { Reference = x => reference(x[0], x[1]) });
    }

    /// <summary>erf by its power series, which converges everywhere and is exact enough on the samples' small domain.</summary>
    private static double Erf(double x)
    {
        double term = x, sum = x;
        for (int n = 1; Math.Abs(term) > 1e-18 * Math.Abs(sum); n++)
        {
            term *= -x * x / n;
            sum += term / (2 * n + 1);
        }

        return 2 / Math.Sqrt(Math.PI) * sum;
    }
}
