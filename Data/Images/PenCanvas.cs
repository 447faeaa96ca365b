using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Data;

/// <summary>A small gray canvas, 0 (paper) to 1 (ink), drawn on by a round soft pen. Crossing strokes keep the darker ink.</summary>
internal ref struct PenCanvas(Span<float> ink, int side, float blur)
{
    private readonly Span<float> _ink = ink;

    /// <summary>A pen's mark: where, how wide and how dark.</summary>
    public readonly record struct Mark(Vector2 Position, float Radius, float Pressure);

    /// <summary>
    /// Draws the line between two marks; ink falls off from the pen's edge − blur to its edge + blur (pixels). Pixel centres have whole coordinates.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Line(Mark from, Mark to)
    {
        float reach = Math.Max(from.Radius, to.Radius) + blur, fade = 0.5f / blur;
        Vector2 a = from.Position, d = to.Position - a;
        float perSquare = 1 / Math.Max(Vector2.Dot(d, d), 1e-6f);
        float radiusChange = to.Radius - from.Radius, pressureChange = to.Pressure - from.Pressure;
        int left = First(Math.Min(a.X, to.Position.X)), right = Last(Math.Max(a.X, to.Position.X), side);
        int top = First(Math.Min(a.Y, to.Position.Y)), bottom = Last(Math.Max(a.Y, to.Position.Y), side);
        for (int y = top; y <= bottom; y++)
        {
            Span<float> row = _ink.Slice(y * side, side);
            for (int x = left; x <= right; x++)
            {
                float px = x - a.X, py = y - a.Y;
                float t = Math.Clamp((px * d.X + py * d.Y) * perSquare, 0, 1);   // the nearest point of the line, as a fraction of it
                float nx = px - t * d.X, ny = py - t * d.Y;
                float square = nx * nx + ny * ny;
                if (square >= reach * reach) continue;
                float cover = (from.Radius + t * radiusChange + blur - MathF.Sqrt(square)) * fade;
                float value = Math.Min(cover, 1) * (from.Pressure + t * pressureChange);
                if (value > row[x]) row[x] = value;
            }
        }

        int First(float low) => Math.Max((int)(low - reach), 0);
        int Last(float high, int side) => Math.Min((int)(high + reach), side - 1);
    }
}
