namespace Gradwright.Tests.Training.Examinations;

/// <summary>What the middle of a model gets: [n, …, features], or channels in dimension 1.</summary>
internal enum Signal
{
    Features,
    Images,
    Sequences,
}
