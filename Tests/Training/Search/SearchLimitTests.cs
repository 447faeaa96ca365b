using Gradwright.Tests.Data;
using Gradwright.Training;
using NUnit.Framework;

namespace Gradwright.Tests.Training;

/// <summary>Trials that take too long, by a clock that the tests turn.</summary>
public sealed class SearchLimitTests
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(30);

    [Test]
    public void A_trial_that_takes_too_long_ends_with_the_score_it_has_and_is_not_repeated()
    {
        using TemporaryFolder folder = new();
        SearchResult result = Run(folder.Path, SearchStrategy.Random(5), Train);
        Assert.That(result.Trials.Select(trial => trial.State),
            Is.EqualTo(new[] { TrialState.Finished, TrialState.TimedOut, TrialState.TimedOut, TrialState.TimedOut, TrialState.Finished }));
        Assert.That(result.Trials.Select(trial => trial.Score), Is.EqualTo(new[] { 0.1, 0.7, double.NaN, 0.5, 0.2 }));
        Assert.That(result.Ranking.Select(trial => trial.Number), Is.EqualTo(new[] { 1, 3, 4, 0 }));
        Assert.That(result.Trials[1].ToString(), Does.EndWith("0.7, timed out after 30 s"));
        string[] table = result.ToTable().Split('\n');
        Assert.That(table[1], Does.Contain("0.7").And.EndWith("timed out after 30 s"));
        Assert.That(table[5], Does.Match("^ *5 +2 +timed out "));
        Assert.That(result.ToSvg(), Does.Contain("4 trials, 1 failed"));

        SearchResult again = Run(folder.Path, SearchStrategy.Random(5), _ => throw new InvalidOperationException("not again"));
        Assert.That(again.ToTable(), Is.EqualTo(result.ToTable()));
        Assert.That(again.Trials[1].Reports, Is.EqualTo(new[] { 0.6, 0.7 }));

        static double Train(TrialContext trial, Clock clock)
        {
            switch (trial.Number)
            {
                case 1:         // leaves by an exception
                    trial.Report(0.6);
                    trial.Report(0.7);
                    clock.Advance(_limit);
                    trial.Cancellation.ThrowIfCancellationRequested();
                    return 1;
                case 2:         // has nothing to tell
                    clock.Advance(_limit);
                    throw new OperationCanceledException(trial.Cancellation);
                case 3:         // returns what it has
                    trial.Report(0.5);
                    _ = trial.Cancellation;
                    clock.Advance(_limit);
                    return 0.9;
                case 4:         // never asks: its score stands
                    clock.Advance(10 * _limit);
                    return 0.2;
                default:        // in time
                    clock.Advance(_limit - TimeSpan.FromSeconds(1));
                    trial.Cancellation.ThrowIfCancellationRequested();
                    return 0.1;
            }
        }
    }

    [Test]
    public void A_training_stops_after_its_step_and_keeps_the_last_epochs_score()
    {
        SearchResult result = Run(null, SearchStrategy.Random(1), (trial, clock) =>
        {
            using TinyTask task = new(callbacks: [trial.Watch("accuracy"), new AtStep(TinyTask.StepsPerEpoch + 2, _ => clock.Advance(_limit))]);
            trial.Fit(task.Trainer, epochs: 100);
            return 2;
        });
        Assert.That(result.Best.State, Is.EqualTo(TrialState.TimedOut));
        Assert.That(result.Best.Reports, Has.Count.EqualTo(1));
        Assert.That(result.Best.Score, Is.EqualTo(result.Best.Reports[0]).And.LessThanOrEqualTo(1));
    }

    [Test]
    public void An_interrupted_search_repeats_the_trial_even_if_its_time_was_over()
    {
        using CancellationTokenSource stop = new();
        SearchResult result = Run(null, SearchStrategy.Random(2), (trial, clock) =>
        {
            trial.Report(1);
            stop.Cancel();
            clock.Advance(_limit);
            trial.Cancellation.ThrowIfCancellationRequested();
            return 1;
        }, stop.Token);
        Assert.That((result.IsComplete, result.Trials.Count), Is.EqualTo((false, 0)));
    }

    [Test]
    public void Coarse_to_fine_takes_a_reported_score_but_halving_promotes_no_trial_that_timed_out()
    {
        SearchResult fine = Run(null, SearchStrategy.CoarseToFine(6, rounds: 2, shrink: 0.1), Train);
        double best = fine.Trials[1].Position[0];
        Assert.That(fine.Trials.Skip(3).Select(trial => Math.Abs(trial.Position[0] - best)), Is.All.LessThanOrEqualTo(0.1));
        SearchResult halved = Run(null, SearchStrategy.SuccessiveHalving(3), Train);
        Assert.That(halved.Trials.Select(trial => trial.Configuration), Is.EqualTo(new[] { 0, 1, 2, 2 }));

        // Trial 1 is the best, but too slow; of the others 2 is better than 0.
        static double Train(TrialContext trial, Clock clock)
        {
            if (trial.Number != 1) return trial.Number;
            trial.Report(10);
            clock.Advance(_limit);
            throw new OperationCanceledException(trial.Cancellation);
        }
    }

    [Test]
    public void A_worker_that_does_not_stop_is_killed_and_another_takes_its_place()
    {
        if (OperatingSystem.IsWindows()) Assert.Ignore("The scripts are for a POSIX shell.");
        // A worker that speaks the protocol: trial 1 never ends, trial 2 stops when its own clock says so.
        const string Script = @"printf '\n\001gradwright-search ready\n'; while read trial rest; do printf '\n\001gradwright-search report 0.25\n'; if [ $trial = 1 ]; then sleep 1000; fi;"
            + @" if [ $trial = 2 ]; then printf '\n\001gradwright-search timed-out\n'; else printf '\n\001gradwright-search finished 0.5\n'; fi; done";
        using TemporaryFolder folder = new();
        Clock clock = new();
        SearchSpace space = Space();
        SearchResult result = new HyperparameterSearch(space, SearchStrategy.Random(4))
        {
            Folder = folder.Path,
            Workers = 1,
            WorkerProgram = new("sh", ["-c", Script]),
            Clock = clock,
            TrialTimeLimit = _limit,
            TrialGrace = TimeSpan.FromSeconds(5),
            TrialReported = (trial, _) =>
            {
                if (trial.Number == 1) clock.Advance(TimeSpan.FromSeconds(35));
                else clock.Advance(TimeSpan.FromSeconds(34));
            },
        }.Run(_ => throw new InvalidOperationException("not here"));
        Assert.That(result.Trials.Select(trial => trial.State), Is.EqualTo(new[] { TrialState.Finished, TrialState.TimedOut, TrialState.TimedOut, TrialState.Finished }));
        Assert.That(result.Trials.Select(trial => trial.Score), Is.EqualTo(new[] { 0.5, 0.25, 0.25, 0.5 }));
        Assert.That(result.Trials[1].Message, Is.EqualTo("timed out after 30 s, and its process was killed"));
        Assert.That(result.Trials[2].Message, Is.EqualTo("timed out after 30 s"));
    }

    [Test]
    public void Limits_that_no_timer_can_count_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = new HyperparameterSearch(Space(), SearchStrategy.Random(1)) { TrialTimeLimit = TimeSpan.FromDays(25) });
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = new HyperparameterSearch(Space(), SearchStrategy.Random(1)) { TrialGrace = TimeSpan.FromSeconds(-1) });
    }

    private static SearchSpace Space()
    {
        SearchSpace space = new();
        space.Uniform("a", 0, 1);
        return space;
    }

    private static SearchResult Run(string? folder, SearchStrategy strategy, Func<TrialContext, double> train) => Run(folder, strategy, (trial, _) => train(trial));

    private static SearchResult Run(string? folder, SearchStrategy strategy, Func<TrialContext, Clock, double> train, CancellationToken cancellation = default)
    {
        Clock clock = new();
        return new HyperparameterSearch(Space(), strategy) { Folder = folder, TrialTimeLimit = _limit, Clock = clock }.Run(trial => train(trial, clock), cancellation);
    }

    /// <summary>A clock that stands still until it is turned.</summary>
    private sealed class Clock : TimeProvider
    {
        private readonly List<Alarm> _alarms = [];
        private TimeSpan _now;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Alarm alarm = new(this, callback, state);
            alarm.Change(dueTime, period);
            return alarm;
        }

        public void Advance(TimeSpan time)
        {
            Alarm[] due;
            lock (_alarms)
            {
                _now += time;
                due = [.. _alarms.Where(alarm => alarm.Due <= _now)];
                foreach (Alarm alarm in due) _alarms.Remove(alarm);
            }

            foreach (Alarm alarm in due) alarm.Ring();
        }

        private sealed class Alarm(Clock clock, TimerCallback callback, object? state) : ITimer
        {
            public TimeSpan Due { get; private set; }

            public void Ring() => callback(state);

            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                lock (clock._alarms)
                {
                    clock._alarms.Remove(this);
                    Due = clock._now + dueTime;
                    if (dueTime != Timeout.InfiniteTimeSpan) clock._alarms.Add(this);
                }

                return true;
            }

            public void Dispose()
            {
                lock (clock._alarms) clock._alarms.Remove(this);
            }

            public ValueTask DisposeAsync()
            {
                Dispose();
                return ValueTask.CompletedTask;
            }
        }
    }
}
