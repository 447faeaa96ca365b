namespace Gradwright.Optim;

/// <summary>A point on a line of descent.</summary>
/// <param name="Step">How far from the start.</param>
/// <param name="Loss">The loss there; infinite where it is not a number.</param>
/// <param name="Slope">Its derivative along the line.</param>
/// <param name="Gradient">Its gradient.</param>
internal readonly record struct SearchPoint(double Step, double Loss, double Slope, FlatVector Gradient);

/// <summary>
/// A line search for the strong Wolfe conditions (Nocedal and Wright, Numerical Optimization, 2006, section 3.5): the loss falls by at least c₁ of what the
/// slope promises, and the slope's size by the factor c₂. First a bracket is found, then it is narrowed by cubic interpolation.
/// </summary>
internal sealed class WolfeSearch(Func<double, SearchPoint> evaluate, SearchPoint start, double smallestWidth)
{
    private const double SufficientDecrease = 1e-4, Curvature = 0.9;
    private const double Growth = 10, LeastGrowth = 0.01;       // where the next point of the bracketing phase may lie
    private const double Margin = 0.1;                          // share of the bracket that its ends keep clear
    private const int MostSteps = 25;

    /// <summary>Evaluations so far.</summary>
    public int Evaluations { get; private set; }

    /// <summary>A point that fulfils the conditions, or the best one when none was found in time. Its gradient is the caller's, as is the start's.</summary>
    public SearchPoint Run(double step)
    {
        SearchPoint previous = start, current = At(step);
        while (Evaluations <= MostSteps)
        {
            if (!Descends(current) || (Evaluations > 2 && current.Loss >= previous.Loss)) return Narrow(previous, current);
            if (IsFlat(current)) return Take(current, previous);
            if (current.Slope >= 0) return Narrow(previous, current);
            double next = Cubic(previous, current, current.Step + LeastGrowth * (current.Step - previous.Step), Growth * current.Step);
            Drop(previous);
            (previous, current) = (current, At(next));
        }

        Drop(previous);
        return Narrow(start, current);
    }

    private SearchPoint Narrow(SearchPoint low, SearchPoint high)
    {
        if (high.Loss < low.Loss) (low, high) = (high, low);
        bool wasAtEnd = false;
        while (Evaluations <= MostSteps && Math.Abs(high.Step - low.Step) >= smallestWidth)
        {
            double left = Math.Min(low.Step, high.Step), right = Math.Max(low.Step, high.Step), margin = Margin * (right - left);
            double step = Cubic(low, high, left, right);
            bool isAtEnd = Math.Min(right - step, step - left) < margin;
            if (isAtEnd && (wasAtEnd || step >= right || step <= left))
            {
                step = Math.Abs(step - right) < Math.Abs(step - left) ? right - margin : left + margin;     // little is gained at an end twice in a row
                isAtEnd = false;
            }

            wasAtEnd = isAtEnd;
            SearchPoint current = At(step);
            if (!Descends(current) || current.Loss >= low.Loss)
            {
                Drop(high);
                high = current;
                if (high.Loss < low.Loss) (low, high) = (high, low);
                continue;
            }

            if (IsFlat(current))
            {
                Drop(low);
                return Take(current, high);
            }

            bool turns = current.Slope * (high.Step - low.Step) >= 0;
            Drop(turns ? high : low);
            if (turns) high = low;
            low = current;
        }

        return Take(low, high);
    }

    private SearchPoint At(double step)
    {
        Evaluations++;
        SearchPoint point = evaluate(step);
        return double.IsFinite(point.Loss) ? point : point with { Loss = double.PositiveInfinity };
    }

    private bool Descends(SearchPoint point) => point.Loss <= start.Loss + SufficientDecrease * point.Step * start.Slope;

    private bool IsFlat(SearchPoint point) => Math.Abs(point.Slope) <= -Curvature * start.Slope;

    private SearchPoint Take(SearchPoint found, SearchPoint other)
    {
        Drop(other);
        return found;
    }

    private void Drop(SearchPoint point)
    {
        if (point.Gradient != start.Gradient) point.Gradient.Dispose();
    }

    /// <summary>Where the cubic through two points and their slopes is smallest, kept between the limits; their middle where there is no such place.</summary>
    private static double Cubic(SearchPoint a, SearchPoint b, double least, double most)
    {
        if (a.Step > b.Step) (a, b) = (b, a);
        double d1 = a.Slope + b.Slope - 3 * (a.Loss - b.Loss) / (a.Step - b.Step), square = d1 * d1 - a.Slope * b.Slope;
        double d2 = Math.Sqrt(square), step = b.Step - (b.Step - a.Step) * ((b.Slope + d2 - d1) / (b.Slope - a.Slope + 2 * d2));
        return square >= 0 && !double.IsNaN(step) ? Math.Min(Math.Max(step, least), most) : (least + most) / 2;
    }
}
