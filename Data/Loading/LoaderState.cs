namespace Gradwright.Data;

/// <summary>Where a <see cref="DataLoader"/> stands: all it takes to go on exactly there.</summary>
/// <param name="Seed">What the order of every epoch follows from; null: the samples come in their own order.</param>
/// <param name="Epoch">Epochs completed.</param>
/// <param name="Position">Samples of the current epoch that have been handed out.</param>
public readonly record struct LoaderState(ulong? Seed, long Epoch, long Position);
