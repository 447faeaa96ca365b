using System.Numerics;

namespace Gradwright.Data;

/// <summary>An affine map of the unit box to pixels: p ↦ p.X · Across + p.Y · Down + Origin.</summary>
// Written out: Vector2.Transform fuses products and sums where the processor can, and the bits would depend on it.
internal readonly record struct Pose(Vector2 Across, Vector2 Down, Vector2 Origin)
{
    public Vector2 Apply(Vector2 p) => p.X * Across + p.Y * Down + Origin;

    /// <summary>
    /// A hand's variation: roughly 20 of the 28 pixels high, somewhat wide or narrow, slanted, turned by some 9° and off the centre.
    /// </summary>
    public static Pose Random(ref ImageRandom random)
    {
        float width = random.Uniform(13, 21), height = random.Uniform(17, 22), shear = 0.2f * random.Normal();
        float tangent = 0.16f * random.Normal(), cos = 1 / MathF.Sqrt(1 + tangent * tangent), sin = tangent * cos;
        Vector2 across = width * new Vector2(cos, sin), down = height * new Vector2(shear * cos - sin, shear * sin + cos);
        var centre = new Vector2((SyntheticDigits.Side - 1) / 2f) + new Vector2(random.Uniform(-2.5f, 2.5f), random.Uniform(-2.5f, 2.5f));
        return new Pose(across, down, centre - 0.5f * (across + down));
    }
}
