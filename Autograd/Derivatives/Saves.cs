namespace Gradwright;

/// <summary>What a derivative needs from the forward pass. Kept outputs are always saved.</summary>
[Flags]
internal enum Saves
{
    Nothing = 0,
    Input0 = 1,
    Input1 = 2,
    Input2 = 4,
    Input3 = 8,
    Input4 = 16,
    Input5 = 32,

    /// <summary>Every operand, however many.</summary>
    Inputs = 63 | 1 << 8,

    /// <summary>Every result.</summary>
    Output = 1 << 6,

    /// <summary>Only what the op keeps for this purpose.</summary>
    Kept = 1 << 7,

    /// <summary>The results after the first: a norm's statistics, not what it makes of its input.</summary>
    Statistics = 1 << 9,
}

internal static class SavesExtensions
{
    public static bool HasInput(this Saves saves, int i) => i < 6 ? ((int)saves >> i & 1) != 0 : (saves & (Saves)(1 << 8)) != 0;
}
