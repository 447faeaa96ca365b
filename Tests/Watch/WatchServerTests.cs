using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using Gradwright.Tests.Training;
using Gradwright.Training;
using Gradwright.Watch;
using NUnit.Framework;

namespace Gradwright.Tests.Watch;

/// <summary>Looking at a training over HTTP while it runs.</summary>
public sealed class WatchServerTests
{
    [Test]
    public void The_page_and_its_data_are_those_of_the_running_training()
    {
        List<string> told = [];
        using HtmlReport report = new() { Title = "Seen" };
        using WatchServer watch = new(report, tell: told.Add);
        string page = "", script = "";
        JsonElement state = default;
        using PictureTask task = new(report, watch, new AtStep(4, _ =>
        {
            (page, script, state) = (Get(watch, ""), Get(watch, "watch.js"), JsonDocument.Parse(Get(watch, "state.json")).RootElement);
        }));
        task.Trainer.Fit(2);
        Assert.That(told, Is.EqualTo(new[] { $"Watch at {watch.Address}" }));
        Assert.That(page, Does.Contain("<title>Seen: running</title>").And.Contain("step 4 of 6").And.Contain("<script src=\"/watch.js\"></script>").And.Contain("id=\"confusion\""));
        Assert.That(script, Does.Contain("fetch("));
        Assert.That((state.GetProperty("status").GetString(), state.GetProperty("step").GetInt64(), state.GetProperty("loss").GetProperty("values").GetArrayLength()), Is.EqualTo(("Running", 4, 4)));
        Assert.That(Get(watch, ""), Does.Contain("status finished"), "it answers until it is disposed");
        Uri address = watch.Address!;
        watch.Dispose();
        Assert.That(() => new HttpClient().GetStringAsync(address).GetAwaiter().GetResult(), Throws.TypeOf<HttpRequestException>());
    }

    [Test]
    public void In_a_browser_the_page_refreshes_itself()
    {
        CountedNames names = new();
        using HtmlReport report = new() { Classes = names };
        using WatchServer watch = new(report, tell: _ => { });
        string dom = "";
        int once = 0;
        using PictureTask task = new(report, watch, new AtStep(4, _ =>
        {
            report.Current!.ToHtml();
            once = names.Given;
            dom = Chromium.Open(watch.Address!, TimeSpan.FromSeconds(5));
        }));
        task.Trainer.Fit(2);
        int[] shown = [.. Regex.Matches(dom, @"name (\d+)\b").Select(match => int.Parse(match.Groups[1].Value))];
        Assert.That(shown, Is.Not.Empty);
        Assert.That(shown.Min(), Is.GreaterThan(2 * once), "the names of the first page have been replaced");
        Assert.That(dom, Does.Not.Contain("class=\"gone\""));
    }

    [Test]
    public void Other_names_and_other_methods_are_refused()
    {
        using HtmlReport report = new();
        using WatchServer watch = new(report, tell: _ => { });
        using PictureTask task = new(report, watch);
        task.Trainer.Fit(1, maxSteps: 1);
        foreach (string host in (string[])["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "0.0.0.0"])
        {
            using HttpResponseMessage answer = Send(watch, HttpMethod.Get, "", host);
            Assert.That((answer.StatusCode, answer.Content.ReadAsStringAsync().Result), Is.EqualTo((HttpStatusCode.Forbidden, "This server answers only to localhost and 127.0.0.1.\n")), host);
        }

        using HttpResponseMessage own = Send(watch, HttpMethod.Get, "state.json", "127.0.0.1"), post = Send(watch, HttpMethod.Post, ""), missing = Send(watch, HttpMethod.Get, "../etc");
        Assert.That((own.StatusCode, post.StatusCode, missing.StatusCode), Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.MethodNotAllowed, HttpStatusCode.NotFound)));
        Assert.That(own.Headers.Select(header => header.Key), Does.Not.Contain("Access-Control-Allow-Origin").And.Not.Contain("Server"));
    }

    [Test]
    public void A_port_that_is_taken_is_told_and_the_training_goes_on()
    {
        using TcpListener other = new(IPAddress.Loopback, 0);
        other.Start();
        int port = ((IPEndPoint)other.LocalEndpoint).Port;
        List<string> told = [];
        using HtmlReport report = new();
        using WatchServer watch = new(report, port, told.Add);
        using PictureTask task = new(report, watch);
        Assert.That(task.Trainer.Fit(1), Is.EqualTo(TrainingEnd.Finished));
        Assert.That((watch.Address, told.Single()), Is.EqualTo(((Uri?)null, $"The training cannot be watched: port {port} is taken by another program. It goes on; choose another port next time, or 0 for any free one.")));
    }

    [Test]
    public void Only_this_machine_is_answered()
    {
        using HtmlReport report = new();
        using WatchServer watch = new(report, tell: _ => { });
        using PictureTask task = new(report, watch);
        task.Trainer.Fit(1, maxSteps: 1);
        foreach (IPAddress address in Dns.GetHostAddresses(Dns.GetHostName()).Where(address => address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address)))
        {
            using TcpClient client = new();
            Assert.That(() => client.Connect(address, watch.Address!.Port), Throws.TypeOf<SocketException>(), $"{address}");
        }
    }

    [Test]
    public void A_port_has_to_be_one() => Assert.That(() => new WatchServer(new HtmlReport(), 70_000), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("1 to 65535"));

    /// <summary>Ten classes that are called otherwise each time somebody asks.</summary>
    private sealed class CountedNames : IReadOnlyList<string>
    {
        public int Given { get; private set; }
        public int Count => PictureTask.Classes;
        public string this[int index] => $"name {++Given}";
        public IEnumerator<string> GetEnumerator() => Enumerable.Range(0, Count).Select(i => this[i]).GetEnumerator();
        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }

    private static string Get(WatchServer watch, string path)
    {
        using HttpResponseMessage answer = Send(watch, HttpMethod.Get, path);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        return answer.Content.ReadAsStringAsync().GetAwaiter().GetResult();
    }

    private static HttpResponseMessage Send(WatchServer watch, HttpMethod method, string path, string? host = null)
    {
        using HttpClient client = new() { Timeout = TimeSpan.FromSeconds(30) };
        using HttpRequestMessage request = new(method, $"http://127.0.0.1:{watch.Address!.Port}/{path}");
        if (host is not null) request.Headers.Host = $"{host}:{watch.Address.Port}";
        return client.SendAsync(request).GetAwaiter().GetResult();
    }
}
