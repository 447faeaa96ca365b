using Gradwright.Kernels;

namespace Gradwright;

internal static partial class Vjp
{
    private static void AddElementwise()
    {
        AddArithmetic();
        AddFunctions();
        AddActivations();
        AddRelations();
        Of<Copy>(Saves.Nothing, c => c.G);
        NotDifferentiable<ElementwiseChain>();  // compiled forward passes only
    }

    private static void AddArithmetic()
    {
        Of<Binary<Add>>((Saves.Nothing, c => c.G), (Saves.Nothing, c => c.G));
        Of<Binary<Subtract>>((Saves.Nothing, c => c.G), (Saves.Nothing, c => -c.G));
        Of<Binary<Multiply>>((Saves.Input1, c => c.G * c[1]), (Saves.Input0, c => c.G * c[0]));
        Of<Binary<Divide>>((Saves.Input1, c => c.G / c[1]), (Saves.Input1 | Saves.Output, c => -(c.G * c.Y / c[1])));
        Of<Binary<Remainder>>((Saves.Nothing, c => c.G), (Saves.Input0 | Saves.Input1, c => -(c.G * (c[0] / c[1]).Floor())));
        Of<Binary<Maximum>>((Saves.Input0 | Saves.Input1, c => c.G * Shared(c[0], c[1])), (Saves.Input0 | Saves.Input1, c => c.G * Shared(c[1], c[0])));
        Of<Binary<Minimum>>((Saves.Input0 | Saves.Input1, c => c.G * Shared(c[1], c[0])), (Saves.Input0 | Saves.Input1, c => c.G * Shared(c[0], c[1])));
        Of<Binary<Power>>(
            (Saves.Input0 | Saves.Input1, c => c.G * c[1] * c[0].Pow(c[1] - 1)),
            (Saves.Input0 | Saves.Output, c => c.G * c.Y.XLogY(c[0])));
        Of<Binary<XLogY>>((Saves.Input1, c => c.G * c[1].Log()), (Saves.Input0 | Saves.Input1, c => c.G * c[0] / c[1]));

        Of<AddProduct>((Saves.Nothing, c => c.G), (Saves.Input2, c => Scaled(c) * c[2]), (Saves.Input1, c => Scaled(c) * c[1]));

        Of<BinaryScalar<Add>>(Saves.Nothing, c => c.G);
        Of<BinaryScalar<Subtract>>(Saves.Nothing, (c, op) => op.ScalarFirst ? -c.G : c.G);
        Of<BinaryScalar<Multiply>>(Saves.Nothing, (c, op) => c.G * op.Value);
        Of<BinaryScalar<Divide>>(Saves.Input0, (c, op) => op.ScalarFirst ? c.G * -op.Value / c[0].Square() : c.G / op.Value);
        Of<BinaryScalar<Remainder>>(Saves.Input0, (c, op) => op.ScalarFirst ? -(c.G * (op.Value / c[0]).Floor()) : c.G);
        Of<BinaryScalar<Maximum>>(Saves.Input0, (c, op) => c.G * Tape.Apply(new BinaryScalar<Share>(op.Value, false), c[0]));
        Of<BinaryScalar<Minimum>>(Saves.Input0, (c, op) => c.G * Tape.Apply(new BinaryScalar<Share>(op.Value, true), c[0]));
        Of<BinaryScalar<Power>>(Saves.Input0, (c, op) => op.ScalarFirst
            ? c.G * (Math.Log(op.Value) * Tape.Apply(op, c[0]))
            : c.G * (op.Value * c[0].Pow(op.Value - 1)));
        Of<Unary<Negate>>(Saves.Nothing, c => -c.G);
        Of<Unary<Absolute>>(Saves.Input0, c => c.G * c[0].Sign());
        Of<Unary<Square>>(Saves.Input0, c => c.G * (2 * c[0]));
        Of<Unary<SquareRoot>>(Saves.Output, c => c.G * (0.5 / c.Y));
        Of<Unary<ReciprocalSquareRoot>>(Saves.Output, c => c.G * (-0.5 * c.Y * c.Y.Square()));

        // Steps: constant between the jumps.
        Flat<Unary<Sign>>();
        Flat<Unary<Floor>>();
        Flat<Unary<Ceiling>>();
        Flat<Unary<Truncate>>();
        Flat<Unary<Round>>();
        Of<Binary<Share>>((Saves.Nothing, Nought), (Saves.Nothing, Nought));
        Flat<BinaryScalar<Share>>();
    }

    /// <summary>The gradient times the number of an <see cref="AddProduct"/>.</summary>
    private static Tensor Scaled(VjpContext c) => ((AddProduct)c.Op).Value == 1 ? c.G : c.G * ((AddProduct)c.Op).Value;

    private static void AddFunctions()
    {
        Of<Unary<Exp>>(Saves.Output, c => c.G * c.Y);
        Of<Unary<Expm1>>(Saves.Output, c => c.G * (c.Y + 1));
        Of<Unary<Log>>(Saves.Input0, c => c.G / c[0]);
        Of<Unary<Log1p>>(Saves.Input0, c => c.G / (c[0] + 1));
        Of<Unary<Sine>>(Saves.Input0, c => c.G * c[0].Cos());
        Of<Unary<Cosine>>(Saves.Input0, c => -(c.G * c[0].Sin()));
        Of<Unary<Tangent>>(Saves.Output, c => c.G * (c.Y.Square() + 1));
        Of<Unary<ArcSine>>(Saves.Input0, c => c.G * (1 - c[0].Square()).Rsqrt());
        Of<Unary<ArcCosine>>(Saves.Input0, c => -(c.G * (1 - c[0].Square()).Rsqrt()));
        Of<Unary<ArcTangent>>(Saves.Input0, c => c.G / (c[0].Square() + 1));
        Of<Unary<Erf>>(Saves.Input0, c => c.G * (2 / Math.Sqrt(Math.PI) * (-c[0].Square()).Exp()));
    }

    private static void AddActivations()
    {
        Of<Unary<Relu>>(Saves.Output, c => GuidedRectifiers.Pass(c.OverG(Binary<ReluGradient>.Instance, c.Y)));
        Of<Binary<ReluGradient>>((Saves.Input1, c => Tape.Apply(Binary<ReluGradient>.Instance, c.G, c[1])), (Saves.Nothing, Nought));
        Of<Unary<Sigmoid>>(Saves.Output, c => c.OverG(Binary<SigmoidGradient>.Instance, c.Y));
        Of<Binary<SigmoidGradient>>(
            (Saves.Input1, c => Tape.Apply(Binary<SigmoidGradient>.Instance, c.G, c[1])),
            (Saves.Input0 | Saves.Input1, c => c.G * c[0] * (1 - 2 * c[1])));
        Of<Unary<Tanh>>(Saves.Output, c => c.OverG(Binary<TanhGradient>.Instance, c.Y));
        Of<Binary<TanhGradient>>(
            (Saves.Input1, c => Tape.Apply(Binary<TanhGradient>.Instance, c.G, c[1])),
            (Saves.Input0 | Saves.Input1, c => c.G * c[0] * (-2 * c[1])));
        Of<Unary<Softplus>>(Saves.Input0, c => c.G * c[0].Sigmoid());
        Of<Unary<Gelu>>(Saves.Input0, c => c.OverG(Binary<GeluGradient>.Instance, c[0]));
        Of<Binary<GeluGradient>>(
            (Saves.Input1, c => Tape.Apply(Binary<GeluGradient>.Instance, c.G, c[1])),
            (Saves.Input0 | Saves.Input1, c =>
            {
                Tensor square = c[1].Square();                          // (x Φ)″ = φ(x)(2 − x²)
                return c.G * c[0] * ((-0.5 * square).Exp() * (2 - square) / Math.Sqrt(2 * Math.PI));
            }));
        Of<BinaryScalar<LeakyRelu>>(Saves.Input0, (c, op) => c.G * Tape.Apply(new BinaryScalar<LeakySlope>(op.Value, false), c[0]));
        Of<Binary<LeakyRelu>>(
            (Saves.Input0 | Saves.Input1, c => c.G * Tape.Apply(Binary<LeakySlope>.Instance, c[0], c[1])),
            (Saves.Input0, c => c.G * c[0].Minimum(0)));
        Flat<BinaryScalar<LeakySlope>>();
        Of<Binary<LeakySlope>>((Saves.Nothing, Nought), (Saves.Input0, c => c.G * Tape.Apply(new BinaryScalar<Share>(0, true), c[0])));
        Of<BinaryScalar<Elu>>(Saves.Output, (c, op) => c.G * Tape.Apply(new BinaryScalar<EluSlope>(op.Value, false), c.Y));
        Of<BinaryScalar<EluSlope>>(Saves.Input0, (c, op) => c.G * Tape.Apply(new BinaryScalar<Share>(0, true), c[0]));
        AddSmoothActivations();
    }

    private static void AddRelations()
    {
        NotDifferentiable<Compare<Equal>>();
        NotDifferentiable<Compare<NotEqual>>();
        NotDifferentiable<Compare<Less>>();
        NotDifferentiable<Compare<LessOrEqual>>();
        NotDifferentiable<Compare<LogicalAnd>>();
        NotDifferentiable<Compare<LogicalOr>>();
        NotDifferentiable<CompareScalar<Equal>>();
        NotDifferentiable<CompareScalar<NotEqual>>();
        NotDifferentiable<CompareScalar<Less>>();
        NotDifferentiable<CompareScalar<LessOrEqual>>();
        NotDifferentiable<CompareScalar<NotANumber>>();
        NotDifferentiable<CompareScalar<Finite>>();
    }

    private static Tensor Shared(Tensor a, Tensor b) => Tape.Apply(Binary<Share>.Instance, a, b);

    /// <summary>A derivative that is 0 wherever it exists.</summary>
    private static void Flat<TOp>() where TOp : Op => Of<TOp>(Saves.Nothing, Nought);

    private static Tensor Nought(VjpContext c) => c.G * 0;
}
