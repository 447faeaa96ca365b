namespace Gradwright;

/// <summary>Work that falls into independent tasks, numbered from zero: what <see cref="WorkerPool.Run{TJob}"/> runs.</summary>
public interface IParallelJob
{
    /// <summary>Does task <paramref name="task"/>. Called from several threads at once, on one instance: it must not write its own fields.</summary>
    void Execute(int task);
}
