namespace Gradwright.Data;

/// <summary>
/// An affine map of the plane, (x, y) ↦ (A x + B y + C, D x + E y + F), in pixels, with the centre of the upper left pixel at (0, 0).
/// </summary>
internal readonly record struct AffineMap(double A, double B, double C, double D, double E, double F)
{
    /// <summary>Rotation · scale · shear about the picture's centre, then a shift: T(shift) R(rotation) S(scale) Hy(shearY) Hx(shearX). Angles in degrees; positive ones turn clockwise.</summary>
    public static AffineMap Of(ImageShape shape, double rotation, double scale, double shearX, double shearY, double shiftX, double shiftY)
    {
        double angle = double.DegreesToRadians(rotation), cos = scale * Math.Cos(angle), sin = scale * Math.Sin(angle);
        double kx = -Math.Tan(double.DegreesToRadians(shearX)), ky = -Math.Tan(double.DegreesToRadians(shearY));
        (double p, double q, double r, double s) = (1, kx, ky, 1 + ky * kx);            // Hy Hx
        (double a, double b, double d, double e) = (cos * p - sin * r, cos * q - sin * s, sin * p + cos * r, sin * q + cos * s);
        double x = (shape.Width - 1) / 2.0, y = (shape.Height - 1) / 2.0;               // the centre stays where it is, but for the shift
        return new(a, b, x + shiftX - a * x - b * y, d, e, y + shiftY - d * x - e * y);
    }

    public AffineMap Inverse()
    {
        double determinant = A * E - B * D, a = E / determinant, b = -B / determinant, d = -D / determinant, e = A / determinant;
        return new(a, b, -a * C - b * F, d, e, -d * C - e * F);
    }

    /// <summary>Moves the picture by this map: each new pixel is read where the map's inverse finds it, outside it is <paramref name="fill"/>.</summary>
    public void Apply(ImageCanvas picture, Interpolation interpolation, float fill)
    {
        (ImageShape shape, AffineMap back) = (picture.Shape, Inverse());
        Span<float> source = picture.Pixels, result = picture.Begin(shape);
        for (int y = 0; y < shape.Height; y++)
            for (int x = 0; x < shape.Width; x++)
            {
                double u = back.A * x + back.B * y + back.C, v = back.D * x + back.E * y + back.F;
                if (interpolation == Interpolation.Nearest) Nearest(u, v, y * shape.Width + x, source, result);
                else Linear(u, v, y * shape.Width + x, source, result);
            }

        picture.Commit();

        void Nearest(double u, double v, int at, Span<float> from, Span<float> to)
        {
            double column = Math.Round(u), row = Math.Round(v);
            bool inside = column >= 0 && row >= 0 && column < shape.Width && row < shape.Height;
            int old = inside ? (int)row * shape.Width + (int)column : 0;
            for (int c = 0; c < shape.Channels; c++, at += shape.Plane, old += shape.Plane) to[at] = inside ? from[old] : fill;
        }

        void Linear(double u, double v, int at, Span<float> from, Span<float> to)
        {
            double column = Math.Floor(u), row = Math.Floor(v);
            float right = (float)(u - column), below = (float)(v - row);
            bool left = column >= 0 && column < shape.Width, next = column >= -1 && column < shape.Width - 1, upper = row >= 0 && row < shape.Height, lower = row >= -1 && row < shape.Height - 1;
            int old = (left || next) && (upper || lower) ? (int)row * shape.Width + (int)column : 0;       // what lies far outside may be no integer
            for (int c = 0; c < shape.Channels; c++, at += shape.Plane, old += shape.Plane)
            {
                float first = upper && left ? from[old] : fill, second = upper && next ? from[old + 1] : fill;
                float third = lower && left ? from[old + shape.Width] : fill, fourth = lower && next ? from[old + shape.Width + 1] : fill;
                float above = first + right * (second - first), under = third + right * (fourth - third);
                to[at] = above + below * (under - above);
            }
        }
    }
}
