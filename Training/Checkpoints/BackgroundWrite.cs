using Gradwright.Kernels;

namespace Gradwright.Training;

/// <summary>A file that is written on another thread, from copies of tensors, while the training goes on to change them.</summary>
internal sealed class BackgroundWrite
{
    private readonly Task _task;

    /// <summary>Copies the tensors into host memory, then returns while the writer runs.</summary>
    public BackgroundWrite(IEnumerable<KeyValuePair<string, Tensor>> tensors, Action<OrderedDictionary<string, Tensor>> write)
    {
        OrderedDictionary<string, Tensor> copies = Copy(tensors);
        _task = Task.Run(() =>
        {
            try
            {
                write(copies);
            }
            finally
            {
                Free(copies);
            }
        });
    }

    /// <summary>Waits until the writer is done or has failed; does not throw.</summary>
    public void Wait() => Task.WaitAny(_task);

    /// <summary>Waits until the writer is done.</summary>
    /// <returns>Why the file could not be written, or null. What is no matter of files is thrown.</returns>
    public Exception? Join()
    {
        try
        {
            _task.GetAwaiter().GetResult();
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e;
        }
    }

    private static OrderedDictionary<string, Tensor> Copy(IEnumerable<KeyValuePair<string, Tensor>> tensors)
    {
        OrderedDictionary<string, Tensor> copies = [];
        using Tape.Pause pause = Tape.NoRecord();
        using TensorScope.Suspension suspension = TensorScope.Suspend();
        try
        {
            foreach ((string name, Tensor tensor) in tensors)
                copies.Add(name, tensor.Accelerator == CpuAccelerator.Instance ? new Copy().Execute(tensor) : tensor.To(CpuAccelerator.Instance));
            return copies;
        }
        catch
        {
            Free(copies);
            throw;
        }
    }

    private static void Free(OrderedDictionary<string, Tensor> tensors)
    {
        foreach (Tensor tensor in tensors.Values) tensor.Dispose();
    }
}
