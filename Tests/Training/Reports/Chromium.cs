using System.Diagnostics;
using System.Text.RegularExpressions;
using Gradwright.Tests.Data;
using NUnit.Framework;

namespace Gradwright.Tests.Training;

/// <summary>A browser without a window. Each page gets a process and a profile of its own; both are gone afterwards.</summary>
internal static partial class Chromium
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(60);

    private static readonly string? _program = ((string[])["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"])
        .SelectMany(name => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, name)))
        .FirstOrDefault(File.Exists);

    /// <summary>What a script finds when the page has been loaded and all its pictures with it.</summary>
    /// <param name="page">HTML. The script goes in front of everything, so that the page's own policy, which forbids scripts, comes too late.</param>
    /// <param name="script">An expression.</param>
    /// <param name="width">Of the window, in pixels.</param>
    /// <returns>The expression's value as JSON.</returns>
    public static string Evaluate(string page, string script, int width = 1280)
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["page.html"], page.Replace("<head>", $$"""
            <head><script>addEventListener('load', () => {
              const found = document.createElement('pre');
              found.id = 'found-by-test';
              try { found.textContent = btoa(unescape(encodeURIComponent(JSON.stringify({{script}})))); } catch (e) { found.textContent = 'error ' + e; }
              document.body.append(found);
            });</script>
            """, StringComparison.Ordinal));
        string dom = Run(folder["profile"], new Uri(folder["page.html"]), $"--window-size={width},900");
        Match found = Found().Match(dom);
        Assert.That(found.Success && !found.Groups[1].Value.StartsWith("error", StringComparison.Ordinal), $"the script left nothing: {(found.Success ? found.Value : dom[..Math.Min(dom.Length, 400)])}");
        return System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(found.Groups[1].Value));
    }

    /// <summary>The page at an address after some time, which the browser makes up: it does not wait for timers, only for answers.</summary>
    public static string Open(Uri address, TimeSpan time)
    {
        using TemporaryFolder folder = new();
        return Run(folder["profile"], address, $"--virtual-time-budget={time.TotalMilliseconds:0}");
    }

    private static string Run(string profile, Uri address, string option)
    {
        if (_program is null) Assert.Ignore("Chromium is not installed (apt-get install chromium)");
        using Process browser = new()
        {
            StartInfo = new(_program!, ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", $"--user-data-dir={profile}", option, "--dump-dom", address.AbsoluteUri])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        browser.Start();
        Task<string> output = browser.StandardOutput.ReadToEndAsync(), errors = browser.StandardError.ReadToEndAsync();
        try
        {
            if (!browser.WaitForExit(_limit)) Assert.Fail($"Chromium gave no answer within {_limit.TotalSeconds} seconds.");
            return output.GetAwaiter().GetResult();
        }
        finally
        {
            if (!browser.HasExited) browser.Kill(entireProcessTree: true);
            browser.WaitForExit();
            Task.WaitAll(output, errors);
        }
    }

    [GeneratedRegex("<pre id=\"found-by-test\">([^<]*)</pre>")]
    private static partial Regex Found();
}
