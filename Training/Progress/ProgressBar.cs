using Spectre.Console;

namespace Gradwright.Training;

/// <summary>A bar in the terminal that is drawn by a thread of its own; it vanishes when it is closed.</summary>
internal sealed class ProgressBar
{
    private TaskCompletionSource? _done;
    private Task _drawing = Task.CompletedTask;
    private ProgressTask? _task;

    public void Open(double length, double value, string text)
    {
        Close();
        TaskCompletionSource done = _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _drawing = AnsiConsole.Progress().AutoClear(true)
            .Columns(new ProgressBarColumn(), new PercentageColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
            .StartAsync(context =>
            {
                _task = context.AddTask(Markup.Escape(text), maxValue: length);
                _task.Value = value;
                return done.Task;
            });
    }

    public void Show(double value, string text)
    {
        if (_task is null) return;
        _task.Value = value;
        _task.Description = Markup.Escape(text);
    }

    public void Close()
    {
        _done?.TrySetResult();
        _drawing.GetAwaiter().GetResult();
        (_done, _task) = (null, null);
    }
}
