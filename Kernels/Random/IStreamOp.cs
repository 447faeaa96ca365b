namespace Gradwright.Kernels;

/// <summary>An op that draws from a random stream.</summary>
internal interface IStreamOp
{
    /// <summary>The stream.</summary>
    ulong Key { get; }

    /// <summary>Its first block. Only a captured step moves it, in a copy of its own.</summary>
    ulong Counter { get; set; }
}
