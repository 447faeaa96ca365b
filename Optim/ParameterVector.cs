namespace Gradwright.Optim;

/// <summary>A model's parameters as one point in space.</summary>
internal sealed class ParameterVector
{
    private readonly string _owner;
    private readonly Tensor[][] _parts;         // those of one accelerator and type lie together

    /// <exception cref="ArgumentException">There is no parameter, one occurs twice, or a tensor is not a parameter.</exception>
    public ParameterVector(string owner, IEnumerable<Tensor> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        _owner = owner;
        Parameters = [.. parameters];
        HashSet<Tensor> known = new(ReferenceEqualityComparer.Instance);
        foreach (Tensor parameter in Parameters) Require.Parameter(owner, parameter, known, nameof(parameters));
        if (known.Count == 0) throw new ArgumentException($"{owner}: there are no parameters to optimize.", nameof(parameters));
        _parts = [.. Parameters.Where(parameter => parameter.Count > 0).GroupBy(parameter => (parameter.Accelerator, parameter.DType)).Select(group => group.ToArray())];
    }

    public IReadOnlyList<Tensor> Parameters { get; }

    /// <summary>Those that may change.</summary>
    public IReadOnlyList<Tensor> Unfrozen => [.. Parameters.Where(parameter => !parameter.IsFrozen)];

    /// <summary>What belongs to the parameters as a vector; what is missing counts as zeros.</summary>
    public FlatVector Gather(Func<Tensor, Tensor?> read)
    {
        using Tape.Pause pause = Tape.NoRecord();
        return new(Array.ConvertAll(_parts, part =>
        {
            using TensorScope scope = new();
            Tensor flat = Tensor.Concat([.. part.Select(parameter => (read(parameter) ?? Tensor.Zeros(parameter.Shape, parameter.DType, parameter.Accelerator)).Reshape(-1))]);
            TensorScope.Release(flat);
            return flat;
        }));
    }

    /// <summary>A copy of where the parameters are.</summary>
    public FlatVector Position() => Gather(parameter => parameter);

    /// <summary>Moves the parameters.</summary>
    public void Assign(FlatVector position)
    {
        using Tape.Pause pause = Tape.NoRecord();
        using TensorScope scope = new();
        for (int i = 0; i < _parts.Length; i++)
        {
            long from = 0;
            foreach (Tensor parameter in _parts[i])
            {
                parameter.CopyFrom(position.Parts[i].Slice(0, from, parameter.Count).Reshape(parameter.Shape));
                from += parameter.Count;
            }
        }
    }

    /// <summary>Moves the parameters to <paramref name="from"/> + step · direction.</summary>
    public void Assign(FlatVector from, double step, FlatVector direction)
    {
        using FlatVector position = from.Copy();
        position.Add(step, direction);
        Assign(position);
    }

    /// <summary>Moves the unfrozen parameters by factor · vector, whose numbers are in the order of their elements.</summary>
    public void Move(double[] vector, double factor)
    {
        using Tape.Pause pause = Tape.NoRecord();
        using TensorScope scope = new();
        int from = 0;
        foreach (Tensor parameter in Unfrozen)
        {
            int count = (int)parameter.Count;
            double[] step = [.. vector[from..(from + count)].Select(v => factor * v)];
            parameter.AddInPlace(Tensor.From(step, parameter.Shape).Cast(parameter.DType).To(parameter.Accelerator));
            from += count;
        }
    }

    /// <summary>The loss where the parameters are, and its gradient, which stays in their Grad too. The caller disposes the gradient.</summary>
    public (double Loss, FlatVector Gradient) Evaluate(Func<Tensor> loss)
    {
        double value;
        foreach (Tensor parameter in Parameters) parameter.ZeroGrad();
        using (Tape tape = new())
        {
            Tensor result = RequireScalar(_owner, loss());
            tape.Backward(result);
            value = result.ToDouble();
        }

        return (value, Gather(parameter => parameter.Grad));
    }

    /// <summary>The loss where the parameters are, without a gradient.</summary>
    public double Measure(Func<Tensor> loss)
    {
        using Tape.Pause pause = Tape.NoRecord();
        using TensorScope scope = new();
        return RequireScalar(_owner, loss()).ToDouble();
    }

    public static Tensor RequireScalar(string owner, Tensor loss)
    {
        ArgumentNullException.ThrowIfNull(loss);
        return loss.Count == 1 ? loss : throw new ShapeException($"{owner}: the loss {loss.Describe()} has {loss.Count} elements. Reduce it to one, with Mean() or Sum().");
    }
}
