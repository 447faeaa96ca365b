namespace Gradwright.Layers;

/// <summary>A module that a captured step has run is still in training or in evaluation, and nobody looks on by its events.</summary>
internal sealed record ModeStays(Module Module, bool IsTraining) : ReplayCondition
{
    public override bool Holds => Module.IsTraining == IsTraining && !Module.HasHooks;
}
