using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gradwright.Bench;

/// <summary>One line of JSON with the peers' fields, and with what the machine could do before and after.</summary>
internal static class ResultLine
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Of(BenchCase bench, CompareOptions options, Round round, double fastest, int tries) => Write(bench, options, json =>
    {
        Samples samples = round.Samples;
        json.WriteNumber("median", samples.Median);
        json.WriteNumber("min", fastest);
        json.WriteNumber("p90", samples.P90);
        json.WriteNumber("n", samples.Seconds.Length);
        json.WriteNumber("inner", samples.Inner);
        json.WriteNumber("cpu", Math.Round(samples.Cpu, 2));
        json.WriteNumber("other", Math.Round(samples.Other, 2));
        json.WriteNumber("tries", tries);
        Rate(json, "gflops", round.Flops, samples.Median, fastest, (round.Before.Gflops + round.After.Gflops) / 2);
        Rate(json, "gbs", bench.Bytes, samples.Median, fastest, (round.Before.GBs + round.After.GBs) / 2);
        if (!options.Probes) return;
        json.WriteNumber("fma_before", Math.Round(round.Before.Gflops, 1));
        json.WriteNumber("fma_after", Math.Round(round.After.Gflops, 1));
        json.WriteNumber("read_before", Math.Round(round.Before.GBs, 1));
        json.WriteNumber("read_after", Math.Round(round.After.GBs, 1));
        json.WriteNumber("handover_before", Math.Round(round.Before.Handover));
        json.WriteNumber("handover_after", Math.Round(round.After.Handover));
    });

    public static string OfFailure(BenchCase bench, CompareOptions options, Exception failure)
        => Write(bench, options, json => json.WriteString("error", $"{failure.GetType().Name}: {failure.Message}"));

    private static void Rate(Utf8JsonWriter json, string name, double amount, double median, double fastest, double limit)
    {
        if (amount == 0) return;
        json.WriteNumber(name, Math.Round(amount / median / 1e9, 2));
        json.WriteNumber(name + "_best", Math.Round(amount / fastest / 1e9, 2));
        if (limit > 0) json.WriteNumber("of_limit", Math.Round(amount / median / 1e9 / limit, 3));
    }

    private static string Write(BenchCase bench, CompareOptions options, Action<Utf8JsonWriter> fields)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream, Options))
        {
            json.WriteStartObject();
            json.WriteString("name", bench.Name);
            json.WriteString("group", bench.Group);
            json.WriteString("profile", bench.Profile);
            json.WriteString("device", Accelerator.Default.Description);
            json.WriteNumber("threads", options.Threads);
            json.WriteNumber("pass", options.Pass);
            json.WriteString("params", bench.Parameters);
            fields(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
