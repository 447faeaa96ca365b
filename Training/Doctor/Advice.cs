namespace Gradwright.Training;

/// <summary>What to do about each kind of finding.</summary>
internal static class Advice
{
    public static string For(FindingKind kind) => kind switch
    {
        FindingKind.NotFinite => "Find the samples (x.IsFinite()) and repair, fill or drop them before anything else; one NaN reaches every weight in a single step.",
        FindingKind.TargetsOutOfRange => "Number the classes from 0 to C − 1 and give the last layer C outputs; probabilities go from 0 to 1.",
        FindingKind.WrongGradient => "Check this layer alone with GradCheck.Run in Float64 and derive its backward pass again on paper; a stop of the gradient on purpose is no mistake.",
        FindingKind.NotRepeatable => "Let the model draw its random numbers from Generator fields, so that they can be set back.",
        FindingKind.ZeroInitialisation => "Start weights with random numbers whose variance follows the fan-in (Init.KaimingNormal for rectifiers, Init.XavierNormal for tanh); only biases may start at zero.",
        FindingKind.IdenticalUnits => "Break the symmetry: units that start alike get equal gradients and stay alike. Draw the weights at random.",
        FindingKind.UnreachedParameter => "Use the parameter in the forward pass, remove a Detach or NoRecord between it and the loss, or freeze it on purpose.",
        FindingKind.DeadLayer => "Look at the layer's biases and initial values, and at the rate of earlier training: a rectifier that never fires gets no gradient that could revive it. Start biases at 0 or 0.01, or use LeakyReLU.",
        FindingKind.SoftmaxTwice => "Remove the softmax at the end of the model: Loss.CrossEntropy takes raw scores. Apply Softmax only where probabilities are shown.",
        FindingKind.SigmoidTwice => "Remove the sigmoid at the end of the model, or use Loss.BinaryCrossEntropy, which takes probabilities.",
        FindingKind.ConstantOutput => "Follow one sample through the layers: somewhere its values are lost (a dead layer, a scale of zero, an input that is not used).",
        FindingKind.LabelsUnlearnable => "Look at a few samples with their targets: are both shuffled by the same order, read from the same row, numbered alike in both sets? If they are right, the inputs say too little about the targets.",
        FindingKind.CannotOverfit => "Do not train on more data before this works: look for a mistake in the loss, the targets or the model, for equal inputs with different targets, or give the model more units.",
        FindingKind.RateTooHigh => "Divide the rate by 10 until the loss falls from the first steps on; aim at updates of about a thousandth of the weights. A warm-up or clipping helps in the beginning.",
        FindingKind.RateTooLow => "Multiply the rate by 10 until the loss falls visibly; aim at updates of about a thousandth of the weights. RateFinder.Find sweeps the rates.",
        FindingKind.DecayedTooEarly => "Keep the first rate until the loss levels off, and only then let it fall; first find a constant rate that works.",
        FindingKind.InitialLoss => "Make the last layer's weights smaller, so that all classes start about equally likely. If the model was trained before, tell the doctor: DoctorOptions.IsTrained.",
        FindingKind.Regularisation => "A penalty must raise the loss a little: check that it takes in the weights with a positive strength, and weaken it where it outweighs the data.",
        FindingKind.DeadUnits => "Lower the rate, start biases at 0 or slightly above, use Kaiming initial values or LeakyReLU.",
        FindingKind.SaturatedUnits => "Use smaller initial weights (Xavier), normalise the inputs, or use rectifiers or batch norm.",
        FindingKind.VanishingGradients => "Use rectifiers, Kaiming or Xavier initial values, batch or layer norm, or residual connections.",
        FindingKind.ExplodingGradients => "Use smaller initial weights or normalisation, and limit the gradients' norm (Trainer.MaxGradientNorm).",
        FindingKind.InputNotNormalised => "Subtract the mean and divide by the standard deviation of the training part, feature by feature (tables) or channel by channel (images).",
        FindingKind.TargetsNotNormalised => "Predict standardised numbers, and undo the scaling where they are shown.",
        FindingKind.ClassImbalance => "Compare with the accuracy of always giving the most frequent class; weight the classes, or draw them evenly (BalancedSampler).",
        FindingKind.NotShuffled => "Give the DataLoader a shuffleSeed: a step on one class undoes what the step on another has learnt.",
        FindingKind.Overfitting => "Keep the weights of the best epoch (EarlyStopping), get more or augmented data, or strengthen dropout and weight decay.",
        FindingKind.Underfitting => "Use a larger model or train longer, and weaken the regularisation.",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "There is no advice for this kind."),
    };
}
