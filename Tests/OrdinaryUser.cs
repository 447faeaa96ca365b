using System.Runtime.InteropServices;
using NUnit.Framework;

namespace Gradwright.Tests;

/// <summary>
/// A user whom permissions stop. Where the tests run as root, whom they do not, a thread gives up its rights to files (setfsuid of Linux): the kernel then checks it, and the threads that
/// it starts, as any other user.
/// </summary>
internal static partial class OrdinaryUser
{
    private const uint Nobody = 65534, Ask = uint.MaxValue;

    /// <summary>Runs an action as such a user; ignores the test where there is none.</summary>
    public static void Run(Action action)
    {
        if (OperatingSystem.IsWindows()) Assert.Ignore("permissions are another thing on Windows");
        if (!Environment.IsPrivilegedProcess)
        {
            HangGuard.Run(action);
            return;
        }

        if (!OperatingSystem.IsLinux()) Assert.Ignore("permissions do not hold for this user");
        HangGuard.Run(() =>
        {
            _ = SetFileUser(Nobody);
            if (SetFileUser(Ask) != Nobody) Assert.Ignore("no other user's rights can be taken here");
            action();
        });
    }

    /// <summary>Takes rights to a file or folder away until this is disposed.</summary>
    public static IDisposable Restrict(string path, UnixFileMode mode) => new Restriction(path, mode);

    [LibraryImport("libc", EntryPoint = "setfsuid")]
    private static partial uint SetFileUser(uint id);

    private sealed class Restriction : IDisposable
    {
        private readonly string _path;
        private readonly UnixFileMode _before;

        public Restriction(string path, UnixFileMode mode)
        {
            if (OperatingSystem.IsWindows()) throw new PlatformNotSupportedException("permissions are another thing on Windows");
            (_path, _before) = (path, File.GetUnixFileMode(path));
            File.SetUnixFileMode(path, mode);
        }

        public void Dispose()
        {
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(_path, _before);
        }
    }
}
