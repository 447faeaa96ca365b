using System.Net;
using System.Text;
using Gradwright.Training;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Gradwright.Watch;

/// <summary>
/// Shows a training's report in the browser while the training goes on: <c>/</c> is the page, which refreshes itself, <c>/state.json</c> the same as data. Only programs on
/// this machine are answered, and only under the machine's own name, so that no web page elsewhere can read it through a name that it controls (DNS rebinding).
/// </summary>
/// <example><code>
/// using HtmlReport report = new("run/report.html");
/// using WatchServer watch = new(report, port: 5080);
/// var trainer = new Trainer(model, loss, optimizer, data) { Callbacks = [report, watch] };       // says "Watch at http://localhost:5080/"
/// </code></example>
/// <remarks>It starts with the training and answers until it is disposed. If it cannot start, it says why, and the training goes on unwatched.</remarks>
public sealed class WatchServer : ITrainingCallback, IDisposable
{
    private static readonly byte[] _script = ReadScript();

    private readonly HtmlReport _report;
    private readonly int _port;
    private readonly Action<string> _tell;
    private WebApplication? _server;

    /// <summary>A server that starts with the training.</summary>
    /// <param name="report">What to show.</param>
    /// <param name="port">Where to listen on 127.0.0.1; 0 takes any free port.</param>
    /// <param name="tell">Hears the address, or why there is none; the standard output does if nobody else.</param>
    public WatchServer(HtmlReport report, int port = 0, Action<string>? tell = null)
    {
        ArgumentNullException.ThrowIfNull(report);
        if (port is < 0 or > IPEndPoint.MaxPort)
            throw new ArgumentOutOfRangeException(nameof(port), port, $"WatchServer: a port is 1 to {IPEndPoint.MaxPort}, or 0 for any free one, but is {port}.");
        (_report, _port, _tell) = (report, port, tell ?? Console.WriteLine);
    }

    /// <summary>Where to look; null while there is no server.</summary>
    public Uri? Address { get; private set; }

    void ITrainingCallback.Started(Trainer trainer)
    {
        if (_server is not null) return;
        WebApplication server = Create();
        try
        {
            server.StartAsync().GetAwaiter().GetResult();
            (_server, Address) = (server, new($"http://localhost:{new Uri(server.Urls.First()).Port}/"));
            _tell($"Watch at {Address}");
        }
        catch (IOException e)
        {
            _tell(e.InnerException is AddressInUseException
                ? $"The training cannot be watched: port {_port} is taken by another program. It goes on; choose another port next time, or 0 for any free one."
                : $"The training cannot be watched: {e.Message.TrimEnd('.')}. It goes on.");
            ((IDisposable)server).Dispose();
        }
    }

    /// <summary>Ends the server.</summary>
    public void Dispose()
    {
        if (_server is null) return;
        using CancellationTokenSource soon = new(TimeSpan.FromSeconds(1));       // then requests that are still open are cut off
        _server.StopAsync(soon.Token).GetAwaiter().GetResult();
        ((IDisposable)_server).Dispose();
        (_server, Address) = (null, null);
    }

    private WebApplication Create()
    {
        // Empty: it reads no settings files or variables, writes no log, and leaves Ctrl-C to the program.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options =>
        {
            options.AddServerHeader = false;
            options.Limits.MaxRequestBodySize = 0;
            options.Listen(IPAddress.Loopback, _port);
        });
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        WebApplication server = builder.Build();
        server.Run(Answer);
        return server;
    }

    private Task Answer(HttpContext context)
    {
        HttpRequest request = context.Request;
        IHeaderDictionary headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-store";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Referrer-Policy"] = "no-referrer";
        headers.ContentSecurityPolicy = "frame-ancestors 'none'";
        if (!IsOwnName(request.Host)) return Send(context, StatusCodes.Status403Forbidden, "text/plain", "This server answers only to localhost and 127.0.0.1.\n"u8.ToArray());
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
        {
            headers.Allow = "GET, HEAD";
            return Send(context, StatusCodes.Status405MethodNotAllowed, "text/plain", "It can only be looked at: GET.\n"u8.ToArray());
        }

        return (request.Path.Value, _report.Current) switch
        {
            ("/watch.js", _) => Send(context, StatusCodes.Status200OK, "text/javascript", _script),
            (_, null) => Send(context, StatusCodes.Status503ServiceUnavailable, "text/plain", "The report is not there yet: is it among the trainer's callbacks, before the server?\n"u8.ToArray()),
            ("/", { } report) => Send(context, StatusCodes.Status200OK, "text/html", Encoding.UTF8.GetBytes(report.ToHtml("/watch.js"))),
            ("/state.json", { } report) => Send(context, StatusCodes.Status200OK, "application/json", Encoding.UTF8.GetBytes(report.ToJson())),
            _ => Send(context, StatusCodes.Status404NotFound, "text/plain", "There are / and /state.json.\n"u8.ToArray()),
        };
    }

    private static bool IsOwnName(HostString host) => host.Host is "localhost" or "127.0.0.1";

    private static Task Send(HttpContext context, int status, string type, byte[] body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = $"{type}; charset=utf-8";
        context.Response.ContentLength = body.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.Body.WriteAsync(body).AsTask();
    }

    private static byte[] ReadScript()
    {
        using Stream stream = typeof(WatchServer).Assembly.GetManifestResourceStream("watch.js") ?? throw new InvalidOperationException("The assembly was built without watch.js.");
        using MemoryStream bytes = new();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }

    /// <summary>Without it the host would take Ctrl-C and SIGTERM for itself, which end the training.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
