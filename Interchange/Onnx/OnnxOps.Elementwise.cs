using Gradwright.Kernels;

namespace Gradwright;

internal static partial class OnnxOps
{
    private static void AddElementwise()
    {
        Same<Unary<Exp>>("Exp");
        Same<Unary<Log>>("Log");
        Same<Unary<Sine>>("Sin");
        Same<Unary<Cosine>>("Cos");
        Same<Unary<Tangent>>("Tan");
        Same<Unary<ArcSine>>("Asin");
        Same<Unary<ArcCosine>>("Acos");
        Same<Unary<ArcTangent>>("Atan");
        Same<Unary<Erf>>("Erf");
        Same<Unary<Negate>>("Neg");
        Same<Unary<Absolute>>("Abs");
        Same<Unary<SquareRoot>>("Sqrt");
        Same<Unary<Sign>>("Sign");
        Same<Unary<Floor>>("Floor");
        Same<Unary<Ceiling>>("Ceil");
        Same<Unary<Round>>("Round");
        Of<Unary<Square>>((c, _) => c.Emit("Mul", [c[0], c[0]]));
        Of<Unary<ReciprocalSquareRoot>>((c, _) => c.Emit("Reciprocal", [c.Emit("Sqrt", [c[0]])]));
        Of<Unary<Truncate>>((c, _) => c.Emit("Mul", [c.Emit("Sign", [c[0]]), c.Emit("Floor", [c.Emit("Abs", [c[0]])])]));
        // The format has no function that is exact near 0.
        Of<Unary<Expm1>>((c, _) => c.Emit("Sub", [c.Emit("Exp", [c[0]]), c.Number(1, c.Type(0))]));
        Of<Unary<Log1p>>((c, _) => c.Emit("Log", [c.Emit("Add", [c[0], c.Number(1, c.Type(0))])]));
        Same<Copy>("Identity");
        Of<Cast>((c, op) => c.Cast(c[0], c.Type(0), op.DType));

        Same<Binary<Add>>("Add");
        Same<Binary<Subtract>>("Sub");
        Same<Binary<Multiply>>("Mul");
        Same<Binary<Divide>>("Div");
        Same<Binary<Power>>("Pow");
        Same<Binary<Maximum>>("Max");
        Same<Binary<Minimum>>("Min");
        Of<Binary<Remainder>>((c, _) => Remainder(c, c[0], c[1]));
        Of<Binary<XLogY>>((c, _) => c.Emit("Where", [c.Emit("Equal", [c[0], c.Number(0, c.Type(0))]), c.Number(0, c.Type(0)), c.Emit("Mul", [c[0], c.Emit("Log", [c[1]])])]));
    }

    private static void AddScalars()
    {
        Scalar<Add>((c, a, b) => c.Emit("Add", [a, b]));
        Scalar<Subtract>((c, a, b) => c.Emit("Sub", [a, b]));
        Scalar<Multiply>((c, a, b) => c.Emit("Mul", [a, b]));
        Scalar<Divide>((c, a, b) => c.Emit("Div", [a, b]));
        Scalar<Power>((c, a, b) => c.Emit("Pow", [a, b]));
        Scalar<Maximum>((c, a, b) => c.Emit("Max", [a, b]));
        Scalar<Minimum>((c, a, b) => c.Emit("Min", [a, b]));
        Scalar<Remainder>(Remainder);
        Scalar<Swish>((c, x, beta) => c.Emit("Mul", [x, c.Emit("Sigmoid", [c.Emit("Mul", [beta, x])])]));
    }

    private static void AddComparisons()
    {
        Relation<Equal>((c, a, b) => c.Emit("Equal", [a, b]));
        Relation<NotEqual>((c, a, b) => c.Emit("Not", [c.Emit("Equal", [a, b])]));
        Relation<Less>((c, a, b) => c.Emit("Less", [a, b]));
        Relation<LessOrEqual>((c, a, b) => c.Emit("LessOrEqual", [a, b]));
        Of<Compare<LogicalAnd>>((c, _) => c.Emit("And", [Truth(c, 0), Truth(c, 1)]));
        Of<Compare<LogicalOr>>((c, _) => c.Emit("Or", [Truth(c, 0), Truth(c, 1)]));
        Of<CompareScalar<NotANumber>>((c, _) => c.Emit("IsNaN", [c[0]]));
        // Infinities and NaN, less themselves, are NaN.
        Of<CompareScalar<Finite>>((c, _) => c.Emit("Not", [c.Emit("IsNaN", [c.Emit("Sub", [c[0], c[0]])])]));
        Same<Where>("Where");
        Of<MaskedFill>((c, op) =>
        {
            string value = c.Number(op.Value, c.Type(0));
            return c.Emit("Where", op.Filled ? [c[1], value, c[0]] : [c[1], c[0], value]);
        });
    }

    // a − b⌊a/b⌋
    private static string Remainder(OnnxContext c, string a, string b)
        => c.Type(0).IsFloating ? c.Emit("Sub", [a, c.Emit("Mul", [b, c.Emit("Floor", [c.Emit("Div", [a, b])])])]) : c.Emit("Mod", [a, b]);

    private static string Truth(OnnxContext c, int i) => c.Cast(c[i], c.Type(i), DType.Bool);

    private static void Scalar<TKernel>(Func<OnnxContext, string, string, string> rule) where TKernel : struct, IBinaryKernel
        => Of<BinaryScalar<TKernel>>((c, op) =>
        {
            string number = c.Number(op.Value, c.Type(0));
            return op.ScalarFirst ? rule(c, number, c[0]) : rule(c, c[0], number);
        });

    /// <summary>Programs compare numbers of 32 and 64 bits; others are widened.</summary>
    private static void Relation<TRelation>(Func<OnnxContext, string, string, string> rule) where TRelation : struct, IRelation
    {
        Of<Compare<TRelation>>((c, _) => rule(c, Wide(c, 0), Wide(c, 1)));
        Of<CompareScalar<TRelation>>((c, op) =>
        {
            string x = Wide(c, 0), number = c.Number(op.Value, WideType(c.Type(0)));
            return op.ScalarFirst ? rule(c, number, x) : rule(c, x, number);
        });
    }

    private static string Wide(OnnxContext c, int i) => c.Cast(c[i], c.Type(i), WideType(c.Type(i)));

    private static DType WideType(DType dtype) => dtype.Size == 1 ? DType.Int32 : dtype.IsHalf ? DType.Float32 : dtype;
}
