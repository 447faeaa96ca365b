using Gradwright.Layers;

namespace Gradwright.Tests.Training.Examinations;

/// <summary>Tasks that were made together.</summary>
/// <param name="Names">Of the tasks.</param>
/// <param name="Of">How one is made, with its targets shuffled or not.</param>
/// <param name="Seed">Of the weights.</param>
/// <param name="Wrong">Makes their layer whose gradient is wrong.</param>
/// <param name="Layer">What that layer is called.</param>
/// <param name="Function">What the custom function in it is called.</param>
internal sealed record TaskSet(string[] Names, Func<string, bool, TaskPlan> Of, ulong Seed, Func<Module<Tensor, Tensor>> Wrong, string Layer, string Function)
{
    /// <summary>What cannot be asked of the doctor, and why.</summary>
    public (string Task, Fault Fault, string Reason)[] NotApplicable { get; init; } = [];

    /// <summary>All sets.</summary>
    public static IReadOnlyList<TaskSet> All { get; } = [Ward.Set, Newcomers.Set, Strangers.Set, Visitors.Set, Guests.Set, Travellers.Set];

    /// <summary>The set that a task belongs to.</summary>
    public static TaskSet Containing(string task) => All.Single(set => set.Names.Contains(task));

    /// <summary>Those tasks in which a fault can be planted.</summary>
    public IEnumerable<string> With(Fault fault) => Names.Where(task => !NotApplicable.Any(entry => (entry.Task, entry.Fault) == (task, fault)));

    /// <summary>A task with a fault, or without one.</summary>
    public PlantedTask Create(string task, Fault fault = Fault.None) => Of(task, fault == Fault.LabelsShuffled).Plant(fault, Seed, Wrong);
}
