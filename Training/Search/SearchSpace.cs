using System.Globalization;

namespace Gradwright.Training;

/// <summary>What a search varies, and from where to where.</summary>
/// <example><code>
/// SearchSpace space = new();
/// var rate = space.LogUniform("rate", 1e-6, 10);                  // 10^U(−6, 1)
/// var momentum = space.NearOne("momentum", 0.9, 0.999);           // 1 − 10^U(−3, −1)
/// var width = space.Integer("width", 8, 512, logarithmic: true);
/// var activation = space.Choice("activation", "relu", "tanh");
/// </code></example>
public sealed class SearchSpace
{
    private readonly List<Hyperparameter> _hyperparameters = [];

    /// <summary>What is varied, in the order of their creation; positions of a trial are in this order.</summary>
    public IReadOnlyList<Hyperparameter> Hyperparameters => _hyperparameters;

    /// <summary>A number, everywhere in the range equally likely.</summary>
    public Hyperparameter<double> Uniform(string name, double low, double high)
    {
        RequireRange(name, low, high, low < high, "a range from a number to a larger one");
        return Add(new Hyperparameter<double>(name, null, true, $"{Format(low)} … {Format(high)}", u => low + u * (high - low), x => (x - low) / (high - low), Format));
    }

    /// <summary>A positive number whose logarithm is everywhere equally likely: rates, weights of penalties.</summary>
    public Hyperparameter<double> LogUniform(string name, double low, double high)
    {
        RequireRange(name, low, high, low > 0 && low < high, "a range from a positive number to a larger one");
        double ratio = Math.Log(high / low);
        return Add(new Hyperparameter<double>(name, null, true, $"{Format(low)} … {Format(high)}, logarithmic", u => low * Math.Exp(u * ratio), x => Math.Log(x / low) / ratio, Format));
    }

    /// <summary>1 − 10^r with r everywhere equally likely, for numbers whose distance to one matters: momentum, decay rates of averages.</summary>
    public Hyperparameter<double> NearOne(string name, double low, double high)
    {
        RequireRange(name, low, high, low < high && high < 1, "a range from a number to a larger one below 1");
        double ratio = Math.Log((1 - high) / (1 - low));
        return Add(new Hyperparameter<double>(name, null, true, $"{Format(low)} … {Format(high)}, logarithmic below 1",
            u => 1 - (1 - low) * Math.Exp(u * ratio), x => Math.Log((1 - x) / (1 - low)) / ratio, FormatNearOne));
    }

    /// <summary>A whole number, both ends included.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="low">The smallest.</param>
    /// <param name="high">The largest.</param>
    /// <param name="logarithmic">Whether twice as large is as far from 10 as from 1000: widths, batches.</param>
    public Hyperparameter<int> Integer(string name, int low, int high, bool logarithmic = false)
    {
        RequireRange(name, low, high, low < high && (!logarithmic || low > 0), logarithmic ? "a range from a positive number to a larger one" : "a range from a number to a larger one");
        int levels = checked(high - low + 1);
        string range = $"{low} … {high}{(logarithmic ? ", logarithmic" : "")}";
        // Each number owns the stretch that rounds to it.
        double start = low - 0.5, ratio = Math.Log((high + 0.5) / start);
        return Add(logarithmic
            ? new Hyperparameter<int>(name, levels, true, range, u => Limited(Math.Round(start * Math.Exp(u * ratio))), n => Math.Log(n / start) / ratio, Text)
            : new Hyperparameter<int>(name, levels, true, range, u => Limited(low + Math.Floor(u * levels)), n => (n - low + 0.5) / levels, Text));

        int Limited(double n) => (int)Math.Clamp(n, low, high);
        static string Text(int n) => n.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>One of several things: names, functions that make layers, anything that its text tells apart.</summary>
    public Hyperparameter<T> Choice<T>(string name, params T[] values) where T : notnull
    {
        ArgumentNullException.ThrowIfNull(values);
        string[] texts = [.. values.Select(TextOf)];
        if (values.Length < 2 || texts.Distinct().Count() < values.Length)
            throw new ArgumentException($"SearchSpace: '{name}' must be two or more things with different texts to choose from, but is {(texts.Length == 0 ? "none" : string.Join(", ", texts))}.", nameof(values));
        return Add(new Hyperparameter<T>(name, values.Length, false, string.Join(", ", texts), u => values[Math.Min((int)(u * values.Length), values.Length - 1)],
            value => (Array.IndexOf(texts, TextOf(value)) + 0.5) / values.Length, TextOf));

        static string TextOf(T value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
    }

    /// <summary>The positions of the values that are nearest.</summary>
    public double[] Snap(IReadOnlyList<double> position)
    {
        ArgumentNullException.ThrowIfNull(position);
        if (position.Count != _hyperparameters.Count)
            throw new ArgumentException($"SearchSpace: a position must have a number for each of {string.Join(", ", _hyperparameters.Select(h => h.Name))}, but has {position.Count}.", nameof(position));
        return [.. _hyperparameters.Select((hyperparameter, i) => hyperparameter.Snap(position[i]))];
    }

    /// <summary>A position, everywhere equally likely.</summary>
    public double[] Random(Generator random)
    {
        ArgumentNullException.ThrowIfNull(random);
        return [.. _hyperparameters.Select(hyperparameter => hyperparameter.Snap(random.NextDouble()))];
    }

    /// <summary>
    /// Positions that cover every range evenly: of n, each n-th of a range holds one (a Latin hypercube; McKay, Beckman and Conover, 1979).
    /// </summary>
    public double[][] Spread(int count, Generator random)
    {
        ArgumentNullException.ThrowIfNull(random);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        double[][] positions = [.. Enumerable.Range(0, count).Select(_ => new double[_hyperparameters.Count])];
        int[] order = [.. Enumerable.Range(0, count)];
        for (int d = 0; d < _hyperparameters.Count; d++)
        {
            random.Shuffle(order.AsSpan());
            for (int i = 0; i < count; i++) positions[i][d] = _hyperparameters[d].Snap((order[i] + random.NextDouble()) / count);
        }

        return positions;
    }

    /// <summary>The value at a trial's position.</summary>
    internal T ValueAt<T>(Hyperparameter<T> hyperparameter, IReadOnlyList<double> position)
    {
        int i = _hyperparameters.IndexOf(hyperparameter);
        return i >= 0 ? hyperparameter.At(position[i])
            : throw new ArgumentException($"The search varies {string.Join(", ", _hyperparameters.Select(h => h.Name))}, but '{hyperparameter.Name}' belongs to another {nameof(SearchSpace)}. Ask for one of this space.");
    }

    /// <summary>The values at a position, for people: <c>rate 0.01, width 32</c>.</summary>
    internal string Describe(IReadOnlyList<double> position) => string.Join(", ", _hyperparameters.Select((h, i) => $"{h.Name} {h.Text(position[i])}"));

    internal static string Format(double value) => value.ToString("G4", CultureInfo.InvariantCulture);

    // With three digits of the distance to one.
    private static string FormatNearOne(double value)
        => Math.Round(value, Math.Clamp(2 - (int)Math.Floor(Math.Log10(1 - value)), 2, 15)).ToString(CultureInfo.InvariantCulture);

    private Hyperparameter<T> Add<T>(Hyperparameter<T> hyperparameter)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(hyperparameter.Name);
        if (_hyperparameters.Exists(h => h.Name == hyperparameter.Name))
            throw new ArgumentException($"SearchSpace: '{hyperparameter.Name}' is there already, so the two could not be told apart. Give one another name.");
        _hyperparameters.Add(hyperparameter);
        return hyperparameter;
    }

    private static void RequireRange(string name, double low, double high, bool isRight, string expected)
    {
        if (!isRight || !double.IsFinite(low) || !double.IsFinite(high))
            throw new ArgumentException($"SearchSpace: '{name}' needs {expected}, but goes from {Format(low)} to {Format(high)}.");
    }
}
