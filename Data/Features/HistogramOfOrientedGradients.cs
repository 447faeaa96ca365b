using System.Buffers;
using System.Text.Json;

namespace Gradwright.Data;

/// <summary>
/// Where edges are and which way they run (HOG; Dalal and Triggs 2005). Each pixel's gradient, by central differences and in the channel where it is largest, votes with its length
/// for its direction in its cell; cells are normalised in overlapping blocks: to length 1, cut at <see cref="Clip"/>, and to length 1 again (L2-Hys).
/// </summary>
/// <remarks>
/// Directions count without a sign, over half a turn: those of an edge from dark to light and back are the same. A vote is shared between the two nearest directions, but goes to
/// one cell only. At the picture's border the nearest pixel stands for the missing one; pixels beyond the last whole cell only lend their value to differences.
/// </remarks>
public sealed class HistogramOfOrientedGradients : FeatureExtractor
{
    internal const string Kind = "histogram of oriented gradients";

    private const float Epsilon = 1e-5f;       // so that a block without edges stays 0

    /// <summary>Height and width of a cell in pixels.</summary>
    public int CellSize { get; init => field = Positive(value, nameof(CellSize)); } = 8;

    /// <summary>Height and width of a block in cells. Blocks begin at every cell.</summary>
    public int BlockSize { get; init => field = Positive(value, nameof(BlockSize)); } = 2;

    /// <summary>Directions in half a turn. That of bin b has the angle b / bins of it, so bin 0 is brightness that changes from left to right.</summary>
    public int Bins { get; init => field = Positive(value, nameof(Bins)); } = 9;

    /// <summary>The largest part of a block that one direction of one cell may have.</summary>
    public float Clip
    {
        get;
        init => field = value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "HistogramOfOrientedGradients: Clip is positive; the paper takes 0.2.");
    } = 0.2f;

    /// <summary>[rows of blocks, columns of blocks, block size, block size, bins].</summary>
    public override int CountFor(ImageShape picture)
    {
        (int rows, int columns) = (picture.Height / CellSize - BlockSize + 1, picture.Width / CellSize - BlockSize + 1);
        if (rows < 1 || columns < 1)
            throw new ShapeException($"{this}: a block is {BlockSize * CellSize} pixels high and wide ({BlockSize} cells of {CellSize}), and pictures {picture} have no room for one. " +
                "Use smaller cells or blocks, or enlarge the pictures.");
        return checked(rows * columns * BlockSize * BlockSize * Bins);
    }

    public override void Extract(ReadOnlySpan<float> pixels, ImageShape shape, Span<float> features)
    {
        (int rows, int columns) = (shape.Height / CellSize, shape.Width / CellSize);
        float[] rented = ArrayPool<float>.Shared.Rent(rows * columns * Bins);
        Span<float> cells = rented.AsSpan(0, rows * columns * Bins);        // [rows, columns, bins]
        cells.Clear();
        for (int y = 0; y < rows * CellSize; y++)
            for (int x = 0; x < columns * CellSize; x++)
            {
                (float across, float down) = Gradient(pixels, shape, y, x);
                float length = MathF.Sqrt(across * across + down * down);
                if (length > 0) Vote(cells.Slice((y / CellSize * columns + x / CellSize) * Bins, Bins), across, down, length);
            }

        Span<float> block = features;
        for (int row = 0; row <= rows - BlockSize; row++)
            for (int column = 0; column <= columns - BlockSize; column++)
            {
                int part = BlockSize * Bins;                                // cells of a block's row lie next to each other
                for (int i = 0; i < BlockSize; i++) cells.Slice(((row + i) * columns + column) * Bins, part).CopyTo(block[(i * part)..]);
                Normalise(block[..(BlockSize * part)]);
                block = block[(BlockSize * part)..];
            }

        ArrayPool<float>.Shared.Return(rented);
    }

    public override string ToString() => $"HistogramOfOrientedGradients {{ CellSize = {CellSize}, BlockSize = {BlockSize}, Bins = {Bins}, Clip = {Clip} }}";

    internal override void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("kind", Kind);
        json.WriteNumber("cellSize", CellSize);
        json.WriteNumber("blockSize", BlockSize);
        json.WriteNumber("bins", Bins);
        json.WriteNumber("clip", Clip);
        json.WriteEndObject();
    }

    internal static HistogramOfOrientedGradients Restore(JsonElement json) => new()
    {
        CellSize = json.GetProperty("cellSize").GetInt32(), BlockSize = json.GetProperty("blockSize").GetInt32(), Bins = json.GetProperty("bins").GetInt32(), Clip = json.GetProperty("clip").GetSingle(),
    };

    // The largest of all channels.
    private static (float Across, float Down) Gradient(ReadOnlySpan<float> pixels, ImageShape shape, int y, int x)
    {
        (int left, int right) = (Math.Max(x - 1, 0), Math.Min(x + 1, shape.Width - 1));
        (int above, int below) = (Math.Max(y - 1, 0), Math.Min(y + 1, shape.Height - 1));
        (float across, float down) = (0, 0);
        for (int c = 0; c < shape.Channels; c++)
        {
            ReadOnlySpan<float> plane = pixels.Slice(c * shape.Plane, shape.Plane);
            float dx = plane[y * shape.Width + right] - plane[y * shape.Width + left], dy = plane[below * shape.Width + x] - plane[above * shape.Width + x];
            if (dx * dx + dy * dy > across * across + down * down) (across, down) = (dx, dy);
        }

        return (across, down);
    }

    private void Vote(Span<float> bins, float across, float down, float length)
    {
        float at = MathF.Atan2(down, across) / MathF.PI * Bins;             // −bins … bins
        if (at < 0) at += Bins;
        int low = (int)at;
        float share = at - low;
        bins[low % Bins] += (1 - share) * length;
        bins[(low + 1) % Bins] += share * length;
    }

    private void Normalise(Span<float> block)
    {
        Scale(block);
        foreach (ref float value in block) value = Math.Min(value, Clip);
        Scale(block);
    }

    private static void Scale(Span<float> block)
    {
        float factor = 1 / MathF.Sqrt(VectorMath.Dot(block, block) + Epsilon * Epsilon);
        foreach (ref float value in block) value *= factor;
    }

    private static int Positive(int value, string name) => value > 0 ? value
        : throw new ArgumentOutOfRangeException(name, value, $"HistogramOfOrientedGradients: {name} is a positive number.");
}
