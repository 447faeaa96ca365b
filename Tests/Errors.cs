using NUnit.Framework;

namespace Gradwright.Tests;

/// <summary>What errors must tell.</summary>
internal static class Errors
{
    /// <summary>Asserts that a call is refused with exactly this exception, and that its message has all the parts.</summary>
    public static void Expect<T>(TestDelegate call, params string[] parts) where T : Exception
    {
        string message = Assert.Throws<T>(call)!.Message;
        foreach (string part in parts) Assert.That(message, Does.Contain(part));
    }
}
