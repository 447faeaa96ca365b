using Gradwright.Layers;
using Gradwright.Optim;
using Gradwright.Training;

namespace Gradwright.Examples.Inspection;

/// <summary>Points on three spirals that wind around each other: no straight line tells them apart, and a network with two inputs can be seen whole.</summary>
internal sealed class Spirals(ulong seed)
{
    private const int Arms = 3, PerArm = 80, Steps = 500, Width = 48;
    private const double Turn = 4.2, Noise = 0.18, Rate = 0.02;

    /// <summary>Trains a network and draws its regions.</summary>
    public DecisionMap Learn()
    {
        (Tensor x, long[] labels) = Points();
        Tensor target = Tensor.From(labels, [labels.Length]);
        using Sequential network = new(new Linear(2, Width), new Tanh(), new Linear(Width, Width), new Tanh(), new Linear(Width, Arms));
        network.Initialize(new Generator(seed));
        using AdamW optimizer = new(network.Parameters(), Rate) { Schedule = Schedule.Cosine(Rate, Steps) };
        for (int step = 0; step < Steps; step++)
        {
            using (Tape tape = new()) tape.Backward(Loss.CrossEntropy(network.Forward(x), target));
            optimizer.Step();
            optimizer.ZeroGrad();
        }

        return DecisionMap.Of(network, DecisionPlane.OfFeatures(x, xName: "first input", yName: "second input"), x, labels, title: "Three spirals", classes: ["first arm", "second arm", "third arm"]);
    }

    private (Tensor Points, long[] Labels) Points()
    {
        Generator random = new Generator(seed).Fork(nameof(Spirals));
        float[] points = new float[2 * Arms * PerArm];
        long[] labels = new long[Arms * PerArm];
        for (int i = 0; i < labels.Length; i++)
        {
            labels[i] = i % Arms;
            double radius = 0.05 + 0.95 * i / labels.Length, angle = Turn * radius + 2 * Math.PI * labels[i] / Arms + Noise * random.NextNormal();
            (points[2 * i], points[2 * i + 1]) = ((float)(radius * Math.Cos(angle)), (float)(radius * Math.Sin(angle)));
        }

        return (Tensor.From(points, [labels.Length, 2]), labels);
    }
}
