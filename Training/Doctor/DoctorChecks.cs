namespace Gradwright.Training;

/// <summary>What a <see cref="Doctor"/> looks at.</summary>
[Flags]
public enum DoctorChecks
{
    /// <summary>Nothing but what every check needs: whether data and model fit together.</summary>
    None = 0,

    /// <summary>Scales and classes of the data.</summary>
    Data = 1,

    /// <summary>The first loss, and what a penalty adds to it.</summary>
    InitialLoss = 2,

    /// <summary>Activations and gradients of each layer, initial values, a softmax too many.</summary>
    Layers = 4,

    /// <summary>Gradients against finite differences.</summary>
    Gradients = 8,

    /// <summary>Learning twenty samples by heart.</summary>
    Overfit = 16,

    /// <summary>Whether what is learnt from some samples holds for others.</summary>
    Labels = 32,

    /// <summary>The optimizer's rate.</summary>
    Rate = 64,

    /// <summary>All of these.</summary>
    All = Data | InitialLoss | Layers | Gradients | Overfit | Labels | Rate,
}
