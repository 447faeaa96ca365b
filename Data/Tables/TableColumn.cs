namespace Gradwright.Data;

/// <summary>What to make of one column. Columns of a table that are not mentioned are ignored.</summary>
/// <param name="Name">The column's name in the table.</param>
/// <param name="Kind">What it becomes.</param>
/// <param name="Missing">What to do about missing values.</param>
public sealed partial record TableColumn(string Name, ColumnKind Kind, MissingValue Missing = MissingValue.Refuse)
{
    public bool IsTarget => Kind is ColumnKind.Target or ColumnKind.ScaledTarget or ColumnKind.TargetClass;

    internal bool IsNumber => Kind is ColumnKind.Number or ColumnKind.RawNumber or ColumnKind.Target or ColumnKind.ScaledTarget;

    internal void Check()
    {
        if (!Enum.IsDefined(Kind) || !Enum.IsDefined(Missing)) throw new ArgumentException($"Column \"{Name}\": {Kind} and {Missing} are not both known.");
        if (IsTarget && Missing is not (MissingValue.Refuse or MissingValue.DropRow))
            throw new ArgumentException($"Column \"{Name}\": a missing target cannot be filled with {Missing}, the network would learn an invention. Use DropRow.");
        if (!IsNumber && Missing is MissingValue.Mean or MissingValue.Median)
            throw new ArgumentException($"Column \"{Name}\": categories have no {Missing}. Use MostFrequent.");
    }
}
