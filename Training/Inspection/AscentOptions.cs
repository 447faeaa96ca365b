namespace Gradwright.Training;

/// <summary>How <see cref="ActivationMaximization"/> climbs, and what keeps its pictures from becoming noise.</summary>
public sealed record AscentOptions
{
    /// <summary>Steps upwards.</summary>
    public int Steps { get; init => field = value > 0 ? value : throw Wrong(nameof(Steps), value, "must be positive"); } = 128;

    /// <summary>The length of a step: how much an element changes (root of the mean square), in units of the input.</summary>
    public double Rate { get; init => field = value > 0 && double.IsFinite(value) ? value : throw Wrong(nameof(Rate), value, "must be positive and finite"); } = 0.05;

    /// <summary>The share by which all numbers shrink in each step, an L2 penalty: what does not help fades. 0 leaves it out.</summary>
    public double Decay { get; init => field = value is >= 0 and < 1 ? value : throw Wrong(nameof(Decay), value, "must be from 0 to below 1"); } = 0.01;

    /// <summary>Images are shifted at random by at most so many pixels before each step, and back after it, so that no pattern hangs on single pixels. 0 leaves it out.</summary>
    public int Jitter { get; init => field = value >= 0 ? value : throw Wrong(nameof(Jitter), value, "must not be negative"); } = 2;

    /// <summary>Images are blurred after so many steps each, so that fine patterns do not win by being many. 0 leaves it out.</summary>
    public int BlurEvery { get; init => field = value >= 0 ? value : throw Wrong(nameof(BlurEvery), value, "must not be negative"); } = 4;

    /// <summary>The standard deviation of the blur, in pixels.</summary>
    public double Blur { get; init => field = value is > 0 and <= 16 ? value : throw Wrong(nameof(Blur), value, "must be positive and at most 16 pixels"); } = 0.5;

    /// <summary>The standard deviation of the noise that it starts from.</summary>
    public double Start { get; init => field = value >= 0 && double.IsFinite(value) ? value : throw Wrong(nameof(Start), value, "must not be negative"); } = 0.1;

    /// <summary>Of the noise and the shifts.</summary>
    public ulong Seed { get; init; }

    private static ArgumentOutOfRangeException Wrong(string name, object value, string rule) => new(nameof(value), value, $"AscentOptions: {name} {rule}.");
}
