namespace Gradwright.Kernels;

/// <summary>
/// A value of a formula while it is being written out as source: the name of a variable that holds it. It stands where a vector register stands when the
/// formula is computed on the CPU.
/// </summary>
internal readonly struct Symbol(string name, bool isMask = false)
{
    /// <summary>A variable, or a literal.</summary>
    public string Name => name ?? throw new InvalidOperationException("The formula uses a value that it was not given.");

    /// <summary>A truth value (an int, 0 or 1), where registers hold lanes of set or clear bits.</summary>
    public bool IsMask => isMask;

    public override string ToString() => Name;
}
