using Gradwright.Kernels;

namespace Gradwright;

internal static partial class Vjp
{
    private static void AddSmoothActivations()
    {
        Of<Unary<GeluTanh>>(Saves.Input0, c => c.OverG(Binary<GeluTanhGradient>.Instance, c[0]));
        Of<Binary<GeluTanhGradient>>(
            (Saves.Input1, c => Tape.Apply(Binary<GeluTanhGradient>.Instance, c.G, c[1])),
            (Saves.Input0 | Saves.Input1, c =>
            {
                const double Cubic = 0.044715;                          // u = k(x + Cubic x³), t = tanh u:  y″ = (1 − t²)(u′ + x(u″/2 − t u′²))
                double k = Math.Sqrt(2 / Math.PI);
                Tensor x = c[1], square = x.Square(), t = (k * x * (1 + Cubic * square)).Tanh(), slope = k * (1 + 3 * Cubic * square);
                return c.G * c[0] * (1 - t.Square()) * (slope + x * (3 * Cubic * k * x - t * slope.Square()));
            }));

        Of<Unary<Silu>>(Saves.Input0, c => c.G * Tape.Apply(new BinaryScalar<SwishSlope>(1, false), c[0]));
        Of<BinaryScalar<Swish>>(Saves.Input0, (c, op) => c.G * Tape.Apply(new BinaryScalar<SwishSlope>(op.Value, false), c[0]));
        Of<BinaryScalar<SwishSlope>>(Saves.Input0, (c, op) => c.G * (op.Value * SwishBend(op.Value * c[0])));
        Of<Binary<Swish>>(
            (Saves.Input0 | Saves.Input1, c => c.G * Tape.Apply(Binary<SwishSlope>.Instance, c[0], c[1])),
            (Saves.Input0 | Saves.Input1, c => c.G * Tape.Apply(Binary<SwishBetaSlope>.Instance, c[0], c[1])));
        Of<Binary<SwishSlope>>(
            (Saves.Input0 | Saves.Input1, c => c.G * (c[1] * SwishBend(c[0] * c[1]))),
            (Saves.Input0 | Saves.Input1, c => c.G * (c[0] * SwishBend(c[0] * c[1]))));

        // x² v with v = s(1 − s) and v′ = v(1 − 2s).
        Of<Binary<SwishBetaSlope>>(
            (Saves.Input0 | Saves.Input1, c =>
            {
                Tensor x = c[0], s = (x * c[1]).Sigmoid();
                return c.G * (x * s * (1 - s) * (2 + x * c[1] * (1 - 2 * s)));
            }),
            (Saves.Input0 | Saves.Input1, c =>
            {
                Tensor x = c[0], s = (x * c[1]).Sigmoid();
                return c.G * (x * x.Square() * s * (1 - s) * (1 - 2 * s));
            }));

        Of<Unary<HardSigmoid>>(Saves.Input0, c => c.OverG(Binary<HardSigmoidGradient>.Instance, c[0]));
        Of<Binary<HardSigmoidGradient>>((Saves.Input1, c => Tape.Apply(Binary<HardSigmoidGradient>.Instance, c.G, c[1])), (Saves.Nothing, Nought));
        Of<Unary<HardSwish>>(Saves.Input0, c => c.OverG(Binary<HardSwishGradient>.Instance, c[0]));
        Of<Binary<HardSwishGradient>>(
            (Saves.Input1, c => Tape.Apply(Binary<HardSwishGradient>.Instance, c.G, c[1])),
            (Saves.Input0 | Saves.Input1, c => Tape.Apply(Binary<HardSigmoidGradient>.Instance, c.G * c[0] * 2, c[1])));

        Of<Unary<Mish>>(Saves.Input0, c => c.OverG(Binary<MishGradient>.Instance, c[0]));
        Of<Binary<MishGradient>>(
            (Saves.Input1, c => Tape.Apply(Binary<MishGradient>.Instance, c.G, c[1])),
            (Saves.Input0 | Saves.Input1, c =>
            {
                Tensor x = c[1], t = x.Softplus().Tanh(), s = x.Sigmoid();           // y″ = (1 − t²) s (2 + x(1 − s − 2 t s))
                return c.G * c[0] * ((1 - t.Square()) * s * (2 + x * (1 - s - 2 * t * s)));
            }));
    }

    /// <summary>The derivative of s(1 + u(1 − s)) by u, with s = sigmoid(u): s(1 − s)(2 + u(1 − 2s)).</summary>
    private static Tensor SwishBend(Tensor u)
    {
        Tensor s = u.Sigmoid();
        return s * (1 - s) * (2 + u * (1 - 2 * s));
    }
}
