namespace Gradwright.Data;

/// <summary>
/// Changes one Float32 input in place on its way into a batch: augmentation. It runs on the loader's thread.
/// <paramref name="random"/> depends only on the loader's seed, the epoch and the sample, so a resumed run sees the same numbers.
/// </summary>
/// <param name="input">The values, row-major.</param>
/// <param name="shape">Their shape, without the batch dimension.</param>
/// <param name="random">Where randomness comes from.</param>
public delegate void SampleTransform(Span<float> input, Shape shape, Generator random);
