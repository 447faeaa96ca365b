namespace Gradwright.Layers;

/// <summary>A rule for initial values.</summary>
/// <param name="Name">The rule, as it is written.</param>
/// <param name="Values">Makes values of a shape and type.</param>
public sealed record Initializer(string Name, Func<Shape, DType, Generator, Tensor> Values)
{
    /// <summary>Fills a parameter.</summary>
    public void Fill(Tensor parameter, Generator generator)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        using TensorScope scope = new();
        using Tape.Pause pause = Tape.NoRecord();
        new Kernels.Copy().ExecuteInto(parameter, Values(parameter.Shape, parameter.DType, generator).To(parameter.Accelerator));
    }

    /// <summary>
    /// The same rule for the weights of a transposed convolution, which lie as [inputs, outputs / groups, window…]: made as [outputs, inputs / groups, window…], with
    /// the fans of that, and turned.
    /// </summary>
    /// <param name="groups">The convolution's groups.</param>
    public Initializer Transposed(int groups = 1) => new($"{Name}.Transposed({(groups == 1 ? "" : groups)})", (shape, dtype, generator) =>
    {
        if (shape.Rank < 2 || shape[0] % groups != 0) throw new ShapeException($"{Name}.Transposed: {shape} is no weight [inputs, outputs / {groups}, …] of {groups} groups.");
        long inputs = shape[0] / groups, outputs = shape[1];
        ReadOnlySpan<long> window = shape.Span[2..];
        Tensor values = Values((long[])[outputs * groups, inputs, .. window], dtype, generator);
        return values.Reshape((Shape)(long[])[groups, outputs, inputs, .. window]).Transpose(1, 2).Reshape(shape);
    });

    public override string ToString() => Name;
}
