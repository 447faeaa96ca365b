namespace Gradwright.Tests.Training;

/// <summary>It is always a quarter of a second past a round number of seconds.</summary>
internal sealed class StoppedClock : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(1_000_000_000_250);
}
