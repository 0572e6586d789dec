using System.Text.Json.Nodes;
using ZeroI2V.Lab.GradCam;
using ZeroI2V.Lab.Reporting;
using ZeroI2V.Lab.Tests.GradCam;

namespace ZeroI2V.Lab.Tests.Reporting;

[Collection(DrawnAlone.Name)]
public sealed class CamViewerTests
{
    /// <summary>Presses keys one after another and writes down what the page then shows.</summary>
    private const string Script = """
        <script>
        window.addEventListener("load", function () {
          var steps = [], errors = [];
          window.addEventListener("error", function (event) { errors.push(event.message); });
          function ink() {
            var sum = 0;
            document.querySelectorAll("#stage canvas").forEach(function (c) { var d = c.getContext("2d").getImageData(0, 0, c.width, c.height).data; for (var i = 0; i < d.length; i += 97) sum += d[i]; });
            return sum;
          }
          function note(key) {
            steps.push({ key: key, state: JSON.parse(document.body.dataset.state), ink: ink(), captions: Array.from(document.querySelectorAll("figcaption")).map(function (c) { return c.firstChild.textContent; }), frame: document.getElementById("frameName").textContent, top: document.getElementById("top").textContent });
          }
          (function wait() {
            if (!document.body.dataset.ready) return setTimeout(wait, 20);
            note("");
            var classes = Array.from(document.querySelectorAll("#score option")).map(function (o) { return o.textContent; });
            KEYS.forEach(function (key) { document.dispatchEvent(new KeyboardEvent("keydown", { key: key, bubbles: true, cancelable: true })); note(key); });
            var place = document.createElement("pre");
            place.id = "result";
            place.textContent = btoa(unescape(encodeURIComponent(JSON.stringify({ steps: steps, errors: errors, asked: performance.getEntriesByType("resource").map(function (e) { return e.name; }).filter(function (n) { return n.indexOf("data:") !== 0; }), title: document.title, classes: classes }))));
            document.body.appendChild(place);
          })();
        });
        </script>
        """;

    [Fact]
    public void The_page_follows_the_keyboard_shows_maps_and_asks_for_nothing()
    {
        Assert.SkipUnless(HeadlessBrowser.Missing() is null, HeadlessBrowser.Missing() ?? "");
        JsonNode result = Run(["ArrowRight", "ArrowRight", "ArrowRight", "g", "g", "h", "m", "m", "m", "m", "ArrowDown", "k", "c", "q", "s", "b", "[", "o"], "frame=0&alpha=1");
        Assert.Empty((JsonArray)result["errors"]!);
        Assert.Empty((JsonArray)result["asked"]!);
        Assert.Equal("A clip", (string?)result["title"]);
        Assert.Equal(["\"spin\" & </script>", "left − right"], result["classes"]!.AsArray().Select(name => (string)name!));
        JsonNode[] steps = [.. result["steps"]!.AsArray().Select(step => step!)];
        T State<T>(int step, string name) => steps[step]["state"]![name]!.GetValue<T>();

        Assert.Equal(["clip", "image model", "spatial heads", "temporal heads", "STDHA"], steps[0]["captions"]!.AsArray().Select(caption => (string)caption!));
        Assert.Equal([0, 1, 2, 0], Enumerable.Range(0, 4).Select(step => State<int>(step, "frame")));
        Assert.Equal(["2 · 0.20 s", "7 · 0.70 s", "11 · 1.10 s", "2 · 0.20 s"], steps.Take(4).Select(step => (string)step["frame"]!));
        Assert.Equal(["spatial", "temporal", "head0"], Enumerable.Range(4, 3).Select(step => State<string>(step, "group")));
        Assert.Equal([1, 2, 3, 4], Enumerable.Range(7, 4).Select(step => State<int>(step, "method")));
        Assert.Equal(0, State<int>(11, "layer"));
        Assert.Equal(1, State<int>(12, "score"));
        Assert.False(State<bool>(13, "compare"));
        Assert.Equal(2, steps[13]["captions"]!.AsArray().Count);
        Assert.Equal("query", State<string>(14, "at"));
        Assert.Equal("view", State<string>(15, "scale"));
        Assert.False(State<bool>(16, "smooth"));
        Assert.Equal(0.95, State<double>(17, "alpha"), 1e-9);
        Assert.Equal(1, State<int>(18, "model"));
        // Another frame, another layer, another way to draw: other pixels.
        foreach (int step in (int[])[1, 2, 11, 13, 16])
            Assert.NotEqual((double)steps[step - 1]["ink"]!, (double)steps[step]["ink"]!);
    }

    [Fact]
    public void The_address_keeps_the_view_and_what_it_asks_for_in_vain_is_left_out()
    {
        Assert.SkipUnless(HeadlessBrowser.Missing() is null, HeadlessBrowser.Missing() ?? "");
        JsonNode view = Run([], "frame=2&group=offset%2B1&method=2&layer=0&at=query&alpha=0.3")["steps"]![0]!["state"]!;
        Assert.Equal((2, "offset+1", 2, 0, "query"), ((int)view["frame"]!, (string)view["group"]!, (int)view["method"]!, (int)view["layer"]!, (string)view["at"]!));
        JsonNode vain = Run([], "frame=99&group=offset-7&method=44&layer=12&model=9&alpha=x&score=-3")["steps"]![0]!;
        Assert.Equal((2, "all"), ((int)vain["state"]!["frame"]!, (string)vain["state"]!["group"]!));
    }

    [Fact]
    public void The_numbers_in_the_page_are_those_of_the_maps()
    {
        Assert.SkipUnless(HeadlessBrowser.Missing() is null, HeadlessBrowser.Missing() ?? "");
        CamLook look = PictureTests.Look();
        float Top(CamMethod method, int score, EvidenceFrame frame)
        {
            LayerMaps maps = look.Maps.Maps.Where(made => made.Origin.Layer == 1 && made.Origin.Method == method).ElementAt(score);
            return HeadGroup.Of(maps.Origin.Offsets).Max(group => maps.Map(group, frame).Max);
        }
        foreach ((int method, int score, EvidenceFrame frame) in ((int, int, EvidenceFrame)[])[(0, 0, EvidenceFrame.LookedAt), (2, 1, EvidenceFrame.Query), (4, 0, EvidenceFrame.LookedAt)])
        {
            string shown = (string)Run([], $"method={method}&score={score}&at={(frame == EvidenceFrame.Query ? "query" : "seen")}")["steps"]![0]!["top"]!;
            float expected = Top(CamMethod.Every[method], score, frame);
            Assert.Equal(expected, float.Parse(shown, System.Globalization.CultureInfo.InvariantCulture), 0.012f * Math.Abs(expected));
        }
    }

    [Fact]
    public void A_page_in_a_notebook_stands_in_a_frame_of_its_own()
    {
        string frame = PictureTests.Look().Viewer().ToFrame(500);
        Assert.StartsWith("<iframe", frame, StringComparison.Ordinal);
        Assert.Contains("height:500px", frame, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", frame, StringComparison.Ordinal);
        Assert.DoesNotContain("{{DATA}}", frame, StringComparison.Ordinal);
    }

    [Fact]
    public void Maps_that_do_not_fit_each_other_are_refused()
    {
        CamViewer viewer = PictureTests.Look().Viewer();
        Assert.Throws<CamException>(() => (viewer with { Models = [] }).ToHtml());
        Assert.Throws<CamException>(() => (viewer with { FrameLabels = ["one"] }).ToHtml());
        CamViewedModel model = viewer.Models[0];
        Assert.Contains("lacks maps", Assert.Throws<CamException>(() => (viewer with { Models = [model with { Maps = model.Maps with { Maps = [.. model.Maps.Maps.Skip(1)] } }] }).ToHtml()).Message, StringComparison.Ordinal);
    }

    private static JsonNode Run(string[] keys, string fragment)
    {
        string list = System.Text.Json.JsonSerializer.Serialize(keys);
        string html = PictureTests.Look().Viewer().ToHtml().Replace("</body>", Script.Replace("KEYS", list, StringComparison.Ordinal) + "</body>", StringComparison.Ordinal);
        (string document, string errors) = HeadlessBrowser.Open(html, fragment);
        const string Opening = "<pre id=\"result\">";
        int start = document.IndexOf(Opening, StringComparison.Ordinal);
        Assert.True(start >= 0, errors);
        start += Opening.Length;
        return JsonNode.Parse(Convert.FromBase64String(document[start..document.IndexOf('<', start)]))!;
    }
}
