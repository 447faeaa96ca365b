namespace Gradwright.Kernels;

/// <summary>Work on one row of a batch that no other row depends on.</summary>
internal interface IRowWork
{
    void Run(int row);
}

/// <summary>The rows of a batch, several to a task.</summary>
internal static class RowTasks
{
    // Numbers of the state that are worth a task of their own, and those that are worth waking threads for.
    private const int TaskNumbers = 2048, BusyNumbers = 16 * TaskNumbers;

    /// <summary>Runs <paramref name="work"/> on every row; cut by the sizes alone.</summary>
    public static void Run<TWork>(in RecurrentShape shape, ref TWork work) where TWork : struct, IRowWork
    {
        int rows = Math.Max(1, TaskNumbers / shape.Hidden);
        Job<TWork> job = new() { Work = work, Rows = shape.Rows, TaskRows = rows };
        WorkerPool.Shared.Run((shape.Rows + rows - 1) / rows, ref job, brief: shape.State < BusyNumbers);
    }

    private struct Job<TWork> : IParallelJob where TWork : struct, IRowWork
    {
        public TWork Work;
        public int Rows, TaskRows;

        public void Execute(int task)
        {
            int end = Math.Min(Rows, (task + 1) * TaskRows);
            for (int row = task * TaskRows; row < end; row++) Work.Run(row);
        }
    }
}
