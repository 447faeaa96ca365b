using Gradwright.Data;

namespace Gradwright.Examples.Pictures;

/// <summary>
/// A folder of pictures to try the command with: five shapes of a light colour, in any size, place and direction, before a dark background that changes from one corner to the other; of
/// many sizes, as photographs are, and two of them broken.
/// </summary>
internal static class DrawnPictures
{
    private const int LeastSide = 48, MostSide = 96;
    private const double Edge = 1.5;        // pixels from full colour to none

    private static readonly (string Name, Func<double, double, double> Distance)[] _shapes =
    [
        ("circle", (x, y) => Length(x, y) - 1),
        ("cross", (x, y) => Math.Min(Box(x, y, 1, 0.3), Box(x, y, 0.3, 1))),
        ("ring", (x, y) => Math.Abs(Length(x, y) - 0.75) - 0.25),
        ("square", (x, y) => Box(x, y, 0.85, 0.85)),
        ("triangle", (x, y) => Math.Max(Math.Abs(x) * 0.866 + y * 0.5, -y) - 0.55),
    ];

    /// <summary>Draws them.</summary>
    /// <param name="folder">Where; what is there of an earlier call is drawn again.</param>
    /// <param name="perClass">Pictures of each shape.</param>
    /// <param name="seed">What they follow from.</param>
    public static void Write(string folder, int perClass, ulong seed)
    {
        Parallel.For(0, _shapes.Length * perClass, i =>
        {
            (string name, Func<double, double, double> distance) = _shapes[i / perClass];
            string path = Path.Combine(folder, name, $"{i % perClass:0000}.png");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            PngFile.Write(path, Draw(distance, new Generator(seed).Fork((ulong)i)));
        });
        byte[] whole = File.ReadAllBytes(Path.Combine(folder, _shapes[0].Name, "0000.png"));
        File.WriteAllBytes(Path.Combine(folder, _shapes[0].Name, "cut short.png"), whole[..(whole.Length / 2)]);
        File.WriteAllBytes(Path.Combine(folder, _shapes[1].Name, "empty.png"), []);
    }

    private static Picture Draw(Func<double, double, double> distance, Generator random)
    {
        (int width, int height) = (Side(), Side());
        (double[] colour, double[] from, double[] to) = (Colour(0.5), Colour(0), Colour(0));
        double half = Math.Min(width, height) / 2.0, radius = half * (0.55 + 0.25 * random.NextDouble()), turn = 2 * Math.PI * random.NextDouble();
        double centreX = width / 2.0 + Shift(), centreY = height / 2.0 + Shift();
        (double sin, double cos) = Math.SinCos(turn);
        Picture picture = new(width, height, 3);
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
            {
                (double dx, double dy) = ((x - centreX) / radius, (y - centreY) / radius);
                double cover = Math.Clamp(0.5 - radius * distance(dx * cos + dy * sin, dy * cos - dx * sin) / Edge, 0, 1), place = (double)(x + y) / (width + height);
                for (int c = 0; c < 3; c++)
                {
                    double behind = from[c] + place * (to[c] - from[c]), noise = 0.06 * (random.NextDouble() - 0.5);
                    picture[x, y][c] = (byte)Math.Round(255 * Math.Clamp(behind + cover * (colour[c] - behind) + noise, 0, 1));
                }
            }

        return picture;

        int Side() => LeastSide + (int)random.Next(MostSide - LeastSide + 1);
        double Shift() => (half - radius) * (2 * random.NextDouble() - 1);         // whole in the middle square, which is what remains of it
        double[] Colour(double darkest) => [.. Enumerable.Range(0, 3).Select(_ => darkest + 0.5 * random.NextDouble())];
    }

    private static double Length(double x, double y) => Math.Sqrt(x * x + y * y);

    private static double Box(double x, double y, double halfWidth, double halfHeight) => Math.Max(Math.Abs(x) - halfWidth, Math.Abs(y) - halfHeight);
}
