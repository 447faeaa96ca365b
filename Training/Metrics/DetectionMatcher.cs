namespace Gradwright.Training;

/// <summary>
/// Pairs the detections of one class in one image with its objects as the COCO evaluation does: the surest detection first, each takes the free object that it overlaps
/// most, if by at least the threshold. Crowds stand behind all other objects; a detection that only a crowd matches is neither hit nor false alarm, and a crowd may match many.
/// </summary>
internal static class DetectionMatcher
{
    /// <summary>Detections (score and box), surest first, with a bit per threshold at which each was a hit, and one at which it does not count.</summary>
    /// <param name="detections">Surest first.</param>
    /// <param name="objects">Crowds last.</param>
    /// <param name="thresholds">At most 64 overlaps, 0 to 1.</param>
    public static (ulong Hits, ulong Ignored)[] Match(ReadOnlySpan<Box> detections, ReadOnlySpan<(Box Box, bool IsCrowd)> objects, ReadOnlySpan<double> thresholds)
    {
        var results = new (ulong Hits, ulong Ignored)[detections.Length];
        double[,] overlaps = new double[detections.Length, objects.Length];
        for (int d = 0; d < detections.Length; d++)
            for (int o = 0; o < objects.Length; o++) overlaps[d, o] = detections[d].Overlap(objects[o].Box, objects[o].IsCrowd);
        bool[] taken = new bool[objects.Length];
        for (int t = 0; t < thresholds.Length; t++)
        {
            Array.Clear(taken);
            for (int d = 0; d < detections.Length; d++)
            {
                if (Choose(d, thresholds[t], overlaps, objects, taken) is not (>= 0 and int chosen)) continue;
                taken[chosen] = true;
                if (objects[chosen].IsCrowd) results[d].Ignored |= 1UL << t;
                else results[d].Hits |= 1UL << t;
            }
        }

        return results;
    }

    // −1: none. Of equal overlaps the later object, as there.
    private static int Choose(int detection, double threshold, double[,] overlaps, ReadOnlySpan<(Box Box, bool IsCrowd)> objects, bool[] taken)
    {
        int chosen = -1;
        double best = threshold;
        for (int o = 0; o < objects.Length; o++)
        {
            if (taken[o] && !objects[o].IsCrowd) continue;
            if (chosen >= 0 && !objects[chosen].IsCrowd && objects[o].IsCrowd) break;
            if (overlaps[detection, o] >= best) (chosen, best) = (o, overlaps[detection, o]);
        }

        return chosen;
    }

    /// <summary>A box in any unit.</summary>
    internal readonly record struct Box(double Left, double Top, double Right, double Bottom)
    {
        /// <summary>Intersection over union; with a crowd over this box's own area. 0 where there is no area.</summary>
        public double Overlap(Box other, bool isCrowd)
        {
            double both = Area(Math.Max(Left, other.Left), Math.Max(Top, other.Top), Math.Min(Right, other.Right), Math.Min(Bottom, other.Bottom));
            double own = Area(Left, Top, Right, Bottom), whole = isCrowd ? own : own + Area(other.Left, other.Top, other.Right, other.Bottom) - both;
            return whole > 0 ? both / whole : 0;
        }

        private static double Area(double left, double top, double right, double bottom) => Math.Max(0, right - left) * Math.Max(0, bottom - top);
    }
}
