namespace Gradwright.Bench;

/// <summary>One column of the report: a program that prints a line of JSON per case and lists its cases with <c>--list</c>.</summary>
/// <param name="Profile">What its lines are called.</param>
/// <param name="Threads">Threads it computes with.</param>
/// <param name="FileName">The program.</param>
/// <param name="Arguments">Its arguments, without those that choose cases.</param>
/// <param name="Cases">The names of its lines, in its order; a case measured in two ways stands there twice.</param>
internal sealed record Contender(string Profile, int Threads, string FileName, string[] Arguments, string[] Cases)
{
    /// <summary>Whether it takes <c>--only REGEX</c>; one that does not runs all its cases.</summary>
    public bool Chooses { get; init; } = true;

    public string? Folder { get; init; }

    /// <summary>Variables of its environment beyond this process' own.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
}
