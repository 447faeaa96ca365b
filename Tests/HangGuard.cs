using System.Runtime.ExceptionServices;
using NUnit.Framework;

namespace Gradwright.Tests;

/// <summary>For what must end, and would stop the whole run if it did not: it is given far more time than it needs, on a thread of its own.</summary>
internal static class HangGuard
{
    private static readonly TimeSpan _usual = TimeSpan.FromMinutes(1);

    /// <summary>Runs an action, and fails if it does not end. What it throws is thrown here.</summary>
    public static void Run(Action action, TimeSpan? limit = null)
    {
        ExceptionDispatchInfo? failure = null;
        Thread thread = new(() =>
        {
            try
            {
                action();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        }) { IsBackground = true };
        thread.Start();
        if (!thread.Join(limit ?? _usual)) Assert.Fail($"no end after {limit ?? _usual}: it hangs");
        failure?.Throw();
    }
}
