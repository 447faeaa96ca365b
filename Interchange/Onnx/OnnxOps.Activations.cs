using Gradwright.Kernels;
using static Gradwright.OnnxAttribute;

namespace Gradwright;

internal static partial class OnnxOps
{
    private static void AddActivations()
    {
        Same<Unary<Relu>>("Relu");
        Same<Unary<Sigmoid>>("Sigmoid");
        Same<Unary<Tanh>>("Tanh");
        Same<Unary<Softplus>>("Softplus");
        Same<Unary<HardSwish>>("HardSwish");
        Of<Unary<HardSigmoid>>((c, _) => c.Emit("HardSigmoid", [c[0]], Float("alpha", 1.0 / 6), Float("beta", 0.5)));
        Of<Unary<Silu>>((c, _) => c.Emit("Mul", [c[0], c.Emit("Sigmoid", [c[0]])]));
        Of<Unary<Mish>>((c, _) => c.Emit("Mul", [c[0], c.Emit("Tanh", [c.Emit("Softplus", [c[0]])])]));
        Of<Unary<Gelu>>((c, _) => Gelu(c));
        Of<Unary<GeluTanh>>((c, _) => GeluTanh(c));
        Of<BinaryScalar<Elu>>((c, op) => c.Emit("Elu", [c[0]], Float("alpha", op.Value)));
        Of<BinaryScalar<LeakyRelu>>((c, op) => c.Emit("LeakyRelu", [c[0]], Float("alpha", op.Value)));
        Of<Binary<LeakyRelu>>((c, _) => c.Out(0).Shape == c.Shape(0) ? c.Emit("PRelu", [c[0], c[1]])
            : c.Emit("Where", [c.Emit("Less", [c.Number(0, c.Type(0)), c[0]]), c[0], c.Emit("Mul", [c[0], c[1]])]));
        Of<Binary<Swish>>((c, _) => c.Emit("Mul", [c[0], c.Emit("Sigmoid", [c.Emit("Mul", [c[1], c[0]])])]));
        Of<AlongAxis<Softmax>>((c, op) => c.Emit("Softmax", [c[0]], Int("axis", op.Axis)));
        Of<AlongAxis<LogSoftmax>>((c, op) => c.Emit("LogSoftmax", [c[0]], Int("axis", op.Axis)));
    }

    // x · (1 + erf(x/√2)) · ½, in the form that other programs recognise.
    private static string Gelu(OnnxContext c)
    {
        DType dtype = c.Type(0);
        string erf = c.Emit("Erf", [c.Emit("Div", [c[0], c.Number(Math.Sqrt(2), dtype)])]);
        return c.Emit("Mul", [c.Emit("Mul", [c[0], c.Emit("Add", [erf, c.Number(1, dtype)])]), c.Number(0.5, dtype)]);
    }

    // x · (1 + tanh(√(2/π)(x + 0.044715 x³))) · ½
    private static string GeluTanh(OnnxContext c)
    {
        DType dtype = c.Type(0);
        string cube = c.Emit("Mul", [c.Emit("Mul", [c[0], c[0]]), c[0]]);
        string sum = c.Emit("Add", [c[0], c.Emit("Mul", [c.Number(0.044715, dtype), cube])]);
        string tanh = c.Emit("Tanh", [c.Emit("Mul", [c.Number(Math.Sqrt(2 / Math.PI), dtype), sum])]);
        return c.Emit("Mul", [c.Emit("Mul", [c[0], c.Emit("Add", [tanh, c.Number(1, dtype)])]), c.Number(0.5, dtype)]);
    }
}
