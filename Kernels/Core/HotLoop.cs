using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>How a kernel's loop is compiled: <c>[MethodImpl(HotLoop.Options)]</c>.</summary>
internal static class HotLoop
{
    /// <summary>
    /// Fully optimised at its first call, and compiled by itself. Inlined into a caller that turned out to be hot, the loop would share the caller's
    /// budget of inlined calls; once that is used up its vectors travel through memory, which made tanh five times slower.
    /// </summary>
    public const MethodImplOptions Options = MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining;
}
