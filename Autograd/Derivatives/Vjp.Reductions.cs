using Gradwright.Kernels;

namespace Gradwright;

internal static partial class Vjp
{
    private static void AddReductions()
    {
        Of<SumTo>(Saves.Nothing, c => c.G.Expand(c.InputShape(0)));
    }
}
