using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Data;

/// <summary>
/// Digits as a hand might write them, 28×28 gray, made on the spot: data for trying a network without any file. Each is one of several ways to write
/// its digit, with wobbling strokes, a random pose (rotation, shear, size, place), a smooth elastic distortion (after Simard, Steinkraus, Platt
/// 2003), a pen of random width, softness and pressure, and noise. Image <c>i</c> of a seed is always the same, byte for byte, on every machine,
/// whoever draws it and in whatever order.
/// </summary>
public static class SyntheticDigits
{
    /// <summary>Height and width of an image in pixels.</summary>
    public const int Side = 28;

    private const int StepsPerSpan = 5;   // straight pieces between two control points
    private const int Grid = 4;           // the elastic distortion is given at Grid × Grid points

    /// <summary>
    /// Draws the images <paramref name="first"/>, <paramref name="first"/> + 1, ... of a seed: [count, 1, 28, 28] with labels 0 to 9, each class
    /// equally likely.
    /// </summary>
    public static LabeledImages Generate(int count, ulong seed, long first = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        var pixels = new byte[checked(count * Side * Side)];
        var labels = new byte[count];
        Parallel.For(0, count, i => labels[i] = (byte)Draw(seed, first + i, pixels.AsSpan(i * Side * Side, Side * Side)));
        return new LabeledImages(pixels, labels, channels: 1, Side, Side, classes: 10);
    }

    /// <summary>Draws one image, 28·28 bytes, and returns its digit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Draw(ulong seed, long index, Span<byte> image)
    {
        if (image.Length != Side * Side) throw new ArgumentException($"SyntheticDigits.Draw needs room for {Side}×{Side} bytes, but the span has " +
            $"{image.Length}.", nameof(image));
        var random = new ImageRandom(seed, (ulong)index);
        int digit = random.Below(10);
        Vector2[][][] variants = DigitGlyphs.Variants[digit];

        Span<float> ink = stackalloc float[Side * Side];
        ink.Clear();
        Write(variants[random.Below(variants.Length)], ref random, new PenCanvas(ink, Side, blur: random.Uniform(0.45f, 1.1f)));
        Expose(ink, image, ref random);
        return digit;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Write(Vector2[][] strokes, ref ImageRandom random, PenCanvas canvas)
    {
        Pose pose = Pose.Random(ref random);
        Span<Vector2> elastic = stackalloc Vector2[Grid * Grid];
        float amplitude = random.Uniform(0, 0.055f);
        foreach (ref Vector2 shift in elastic) shift = amplitude * new Vector2(random.Normal(), random.Normal());
        float wobble = random.Uniform(0, 0.04f), radius = random.Uniform(0.65f, 1.9f), pressure = random.Uniform(0.65f, 1);

        Span<Vector2> points = stackalloc Vector2[16];
        foreach (Vector2[] stroke in strokes)
        {
            for (int i = 0; i < stroke.Length; i++) points[i] = stroke[i] + wobble * new Vector2(random.Normal(), random.Normal());
            PenCanvas.Mark last = default;
            for (int span = 0; span + 3 < stroke.Length; span++)
            {
                // Width and darkness drift along the stroke, by control point; the first mark of a stroke draws nothing.
                float nextRadius = radius * (1 + 0.1f * random.Normal()), nextPressure = Math.Clamp(pressure + 0.08f * random.Normal(), 0.45f, 1);
                PenCanvas.Mark start = span == 0 ? new(Place(points[1], elastic, pose), nextRadius, nextPressure) : last;
                last = start;
                for (int step = 1; step <= StepsPerSpan; step++)
                {
                    float t = step / (float)StepsPerSpan;
                    var mark = new PenCanvas.Mark(Place(Spline(points.Slice(span, 4), t), elastic, pose),
                        start.Radius + t * (nextRadius - start.Radius), start.Pressure + t * (nextPressure - start.Pressure));
                    canvas.Line(last, mark);
                    last = mark;
                }
            }
        }
    }

    private static Vector2 Place(Vector2 p, ReadOnlySpan<Vector2> elastic, Pose pose) => pose.Apply(p + Bend(p, elastic));

    // The displacement at p, interpolated between grid points with weights 3t² − 2t³, so that it has no kinks.
    private static Vector2 Bend(Vector2 p, ReadOnlySpan<Vector2> grid)
    {
        Vector2 g = Vector2.Clamp(p, Vector2.Zero, Vector2.One) * (Grid - 1);
        int column = Math.Min((int)g.X, Grid - 2), row = Math.Min((int)g.Y, Grid - 2), corner = row * Grid + column;
        float tx = g.X - column, ty = g.Y - row;
        tx *= tx * (3 - 2 * tx);
        ty *= ty * (3 - 2 * ty);
        Vector2 above = grid[corner] + tx * (grid[corner + 1] - grid[corner]);
        Vector2 below = grid[corner + Grid] + tx * (grid[corner + Grid + 1] - grid[corner + Grid]);
        return above + ty * (below - above);
    }

    // Catmull-Rom: through p₁ (t = 0) and p₂ (t = 1), with tangents (p₂ − p₀)/2 and (p₃ − p₁)/2.
    private static Vector2 Spline(ReadOnlySpan<Vector2> p, float t) =>
        p[1] + 0.5f * t * (p[2] - p[0] + t * (2 * p[0] - 5 * p[1] + 4 * p[2] - p[3] + t * (3 * (p[1] - p[2]) + p[3] - p[0])));

    // Ink 0 to 1 -> bytes 0 to 255, with noise of a random strength.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Expose(ReadOnlySpan<float> ink, Span<byte> image, ref ImageRandom random)
    {
        float noise = random.Uniform(0, 24);
        for (int i = 0; i < image.Length; i++) image[i] = (byte)Math.Clamp(255 * ink[i] + noise * random.CoarseNormal() + 0.5f, 0, 255);
    }
}
