namespace Gradwright.Bench;

/// <summary>How the comparison is measured; names and defaults are the peer's.</summary>
/// <param name="Threads">Threads of the worker pool.</param>
/// <param name="Pass">A number that tells rounds apart in the output.</param>
/// <param name="Budget">Seconds of sampling per case.</param>
/// <param name="Tries">Rounds at most until the machine was steady.</param>
/// <param name="Wait">Seconds that may be spent waiting for a quiet machine, all cases together.</param>
/// <param name="Probes">Whether the machine's limits are measured around each case.</param>
internal sealed record CompareOptions(int Threads, int Pass, double Budget, int Tries, double Wait, bool Probes)
{
    public const int FewestSamples = 5;
    public const double LongestCase = 6;

    /// <summary>Processors that others may keep busy: with all of them in use by a case, none to speak of.</summary>
    public double Quiet => Threads > 1 ? 0.12 : 0.7;
}
