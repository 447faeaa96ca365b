using Gradwright.Data;

namespace Gradwright.Training;

/// <summary>Some inputs [n, …] with their targets [n, …], of one's own.</summary>
internal readonly record struct Sample(Tensor Input, Tensor Target)
{
    public int Count => (int)Input.Shape[0];

    /// <summary>The first samples of an epoch, in the loader's order; the loader stands where it stood afterwards.</summary>
    public static Sample From(DataLoader data, int most)
    {
        LoaderState state = data.State;
        List<Tensor> inputs = [], targets = [];
        int count = 0;
        data.State = state with { Position = 0 };
        try
        {
            foreach (Batch batch in data)
            {
                inputs.Add(batch.Input.Copy());
                targets.Add(batch.Target.Copy());
                if ((count += batch.Count) >= most) break;
            }
        }
        finally
        {
            data.State = state;
        }

        return new Sample(Tensor.Concat([.. inputs]), Tensor.Concat([.. targets])).Rows(0, Math.Min(count, most));
    }

    /// <summary>The samples from <paramref name="start"/> on, as a view.</summary>
    public Sample Rows(int start, int count) => new(Input.Slice(0, start, count), Target.Slice(0, start, count));

    /// <summary>The samples with these numbers.</summary>
    public Sample At(ReadOnlySpan<long> rows)
    {
        Tensor index = Tensor.From(rows, [rows.Length], Input.Accelerator);
        return new(Input.IndexSelect(0, index), Target.IndexSelect(0, index));
    }

    /// <summary>Batch <paramref name="step"/> of an endless walk over the samples.</summary>
    public Sample Batch(int step, int size)
    {
        int full = Math.Max(1, Count / size);
        return Rows(step % full * size, Math.Min(size, Count));
    }
}
