using System.Text.Json;
using Gradwright.Training;
using NUnit.Framework;

namespace Gradwright.Tests.Training;

/// <summary>The report as a browser sees it.</summary>
public sealed class ReportBrowserTests
{
    // One look answers for all: a browser takes a second to start.
    private const string Look = """
        ({
          sections: [...document.querySelectorAll('section')].map(s => s.id),
          charts: document.querySelectorAll('#curves svg').length,
          lines: [...document.querySelectorAll('#curves path[fill=none]')].map(p => p.getTotalLength()),
          stops: document.querySelectorAll('#curves .stop title').length,
          cells: document.querySelectorAll('#confusion .cell').length,
          counts: [...document.querySelectorAll('#confusion .count')].reduce((sum, t) => sum + +t.textContent, 0),
          images: [...document.images].map(i => [i.naturalWidth, i.getBoundingClientRect().width]),
          looks: [...document.querySelectorAll('#saliency .look')].map(look => [...look.querySelectorAll('figure')].map(f => f.innerText.trim() + ' ' + f.querySelector('img').naturalWidth).join(', ')),
          samples: document.querySelectorAll('#samples .sample img').length,
          parameters: [...document.querySelectorAll('#parameters tbody tr')].map(r => r.querySelectorAll('.bar').length),
          activations: [...document.querySelectorAll('#activations tbody tr')].map(r => r.querySelectorAll('.bar').length),
          layers: document.querySelectorAll('#layers tbody tr').length,
          facts: [...document.querySelectorAll('dt')].map(t => t.textContent),
          status: document.querySelector('.status').textContent,
          overflow: document.documentElement.scrollWidth - innerWidth,
          requests: performance.getEntriesByType('resource').map(r => r.name).filter(n => !n.startsWith('data:')),
          colour: getComputedStyle(document.querySelector('#curves path[fill=none]')).stroke,
        })
        """;

    [Test]
    public void Every_section_is_there_with_data([Values(1280, 500)] int width)
    {
        using HtmlReport report = new() { MeasureEvery = 1, Shown = 9, Saliency = true };
        using PictureTask task = new(report);
        task.Trainer.Fit(2);
        JsonElement page = JsonDocument.Parse(Chromium.Evaluate(report.Current!.ToHtml(), Look, width)).RootElement;
        Assert.That(Texts("sections"), Is.EqualTo(new[] { "curves", "predictions", "saliency", "filters", "spreads", "model", "hyper-parameters", "run", "environment" }));
        Assert.That(page.GetProperty("status").GetString(), Is.EqualTo("finished"));
        Assert.That(Number("charts"), Is.EqualTo(6), "loss, accuracy, batch loss, learning rate, updates, gradients");
        Assert.That(Numbers("lines"), Has.Length.EqualTo(2 + 2 + 1 + 1 + 3 + 1).And.All.GreaterThan(100));
        Assert.That(Number("stops"), Is.EqualTo(2 * 2 + 4 * 2 * PictureTask.StepsPerEpoch), "values to point at");
        Assert.That((Number("cells"), Number("counts")), Is.EqualTo((PictureTask.Classes * PictureTask.Classes, PictureTask.Samples)));
        Assert.That(Number("samples"), Is.EqualTo(9));
        Assert.That(Texts("looks"), Has.Exactly(8).EqualTo("input 28, gradient 28, SmoothGrad 28, integrated gradients 28, Grad-CAM 28"), "one sample of each class");
        Assert.That(page.GetProperty("images").EnumerateArray().SelectMany(image => image.EnumerateArray()).Select(size => size.GetDouble()), Has.Exactly(2 * (9 + 1 + 8 * 5)).Items.And.All.GreaterThan(20), "pictures are decoded and shown");
        Assert.That(Numbers("parameters"), Has.Length.EqualTo(6).And.All.GreaterThan(5), "bars of weights and gradients");
        Assert.That(Numbers("activations"), Has.Length.EqualTo(5).And.All.GreaterThan(5));
        Assert.That(Number("layers"), Is.EqualTo(7));
        Assert.That(Texts("facts"), Is.SupersetOf(new[] { "optimizer", "batch", "--seed", "command line", "commit", "accelerator", "vectors", ".NET" }));
        Assert.That(Number("overflow"), Is.LessThanOrEqualTo(0), "nothing sticks out to the side");
        Assert.That(Texts("requests"), Is.Empty, "nothing is fetched");
        Assert.That(page.GetProperty("colour").GetString(), Does.StartWith("rgb("), "the page's colours reach the charts");

        double Number(string name) => page.GetProperty(name).GetDouble();
        double[] Numbers(string name) => [.. page.GetProperty(name).EnumerateArray().Select(number => number.GetDouble())];
        string[] Texts(string name) => [.. page.GetProperty(name).EnumerateArray().Select(text => text.GetString()!)];
    }
}
