using System.Globalization;

namespace Gradwright.Training;

/// <summary>
/// What a run needs to go on where it stopped: tensors (<c>model.…</c>, <c>optimizer.…</c>) and named values, which are stored as text that gives back the
/// same bits. The tensors are not owned: they belong to a model, or to the scope that was open when they were loaded.
/// </summary>
public sealed class Checkpoint
{
    /// <summary>Nothing yet.</summary>
    public Checkpoint() : this([], []) { }

    internal Checkpoint(OrderedDictionary<string, Tensor> tensors, OrderedDictionary<string, string> values) => (Tensors, Values) = (tensors, values);

    /// <summary>Tensors by name, in the order of saving.</summary>
    public OrderedDictionary<string, Tensor> Tensors { get; }

    /// <summary>Text by name, in the order of saving.</summary>
    public OrderedDictionary<string, string> Values { get; }

    /// <summary>Stores a text.</summary>
    public void Set(string name, string value) => Values[name] = value;

    /// <summary>Stores an integer.</summary>
    public void Set(string name, long value) => Values[name] = value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Stores a number in the shortest form that gives back the same number; NaN and infinities too.</summary>
    public void Set(string name, double value) => Values[name] = value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>The text of this name.</summary>
    /// <exception cref="CheckpointFormatException">There is none.</exception>
    public string Text(string name)
        => Values.TryGetValue(name, out string? value) ? value : throw new CheckpointFormatException(
            $"The checkpoint has no value '{name}'; it has {(Values.Count == 0 ? "none" : string.Join(", ", Values.Keys))}. It was saved by another program or version: resume with that one, or train anew.");

    /// <summary>The integer of this name.</summary>
    /// <exception cref="CheckpointFormatException">There is none, or it is no integer.</exception>
    public long Integer(string name)
        => long.TryParse(Text(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) ? value : throw Malformed(name, "an integer");

    /// <summary>The number of this name, bit for bit as it was stored (a NaN as the usual NaN).</summary>
    /// <exception cref="CheckpointFormatException">There is none, or it is no number.</exception>
    public double Number(string name)
        => double.TryParse(Text(name), NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : throw Malformed(name, "a number");

    private CheckpointFormatException Malformed(string name, string expected)
        => new($"The checkpoint's value '{name}' should be {expected}, but it is '{Values[name]}'. It was saved by another program or version: resume with that one, or train anew.");
}
