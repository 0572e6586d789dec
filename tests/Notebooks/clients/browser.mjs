// A reader in a browser: the classic notebook (Debian: jupyter-notebook) on loopback and Chromium, driven by playwright-core.
//   node browser.mjs notebook FOLDER SHOTS      opens notebooks/01-first-light.ipynb in FOLDER, runs it, hovers, interrupts
//   node browser.mjs pages FOLDER SHOTS         opens FOLDER's HTML pages without a network and hovers over their charts
//   node browser.mjs pictures FOLDER SHOTS      opens them where plotly.js is out of reach, and sees the charts' pictures
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [what, folder, shots] = process.argv.slice(2);
const minutes = 60_000;
mkdirSync(shots, { recursive: true });

const browser = await chromium.launch({
  executablePath: ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync),
  args: ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
});
try {
  await (what === "notebook" ? notebook() : pages(what === "pages"));
} finally {
  await browser.close();
}

/** Moves the mouse over a chart until it tells the values there. */
async function hover(page, chart) {
  await chart.scrollIntoViewIfNeeded();
  const area = await chart.locator(".nsewdrag").first().boundingBox();
  assert.ok(area && area.width > 100, "the chart has no area to hover over");
  for (let part = 1; part < 20; part++) {
    await page.mouse.move(area.x + (area.width * part) / 20, area.y + area.height / 2, { steps: 3 });
    await page.waitForTimeout(100);
    if (await chart.locator(".hoverlayer .hovertext").count() > 0) {
      return (await chart.locator(".hoverlayer .hovertext").first().textContent()).trim();
    }
  }
  assert.fail("hovering over the chart shows nothing");
}

async function freePort() {
  const listener = createServer().listen(0, "127.0.0.1");
  await new Promise((ready) => listener.on("listening", ready));
  const { port } = listener.address();
  await new Promise((closed) => listener.close(closed));
  return port;
}

async function notebook() {
  const server = spawn("/usr/bin/jupyter-notebook", [
    "--no-browser", "--allow-root", "--ip=127.0.0.1", `--port=${await freePort()}`, "--NotebookApp.token=", "--NotebookApp.password=", `--notebook-dir=${resolve(folder)}`,
  ], { stdio: ["ignore", "pipe", "pipe"], cwd: folder });
  try {
    const address = await new Promise((found, failed) => {
      let said = "";
      const listen = (data) => {
        said += data;
        const match = said.match(/http:\/\/127\.0\.0\.1:\d+\//);
        if (match) found(match[0]);
      };
      server.stderr.on("data", listen);
      server.stdout.on("data", listen);
      server.on("exit", () => failed(new Error(`the notebook server ended:\n${said}`)));
    });
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.setDefaultTimeout(1 * minutes);
    await page.goto(`${address}notebooks/notebooks/01-first-light.ipynb`);
    await page.waitForFunction(() => window.Jupyter?.notebook?.kernel?.is_connected() && document.querySelector(".kernel_idle_icon"));
    assert.match(await page.locator("#kernel_indicator").textContent(), /\.NET \(C#\)/);

    await page.click("#kernellink");
    await page.hover("#kernel_menu");
    await page.waitForTimeout(300);
    await page.screenshot({ path: join(shots, "opened.png") });
    await page.keyboard.press("Escape");
    await page.evaluate(() => Jupyter.notebook.clear_all_output());
    await page.click("#celllink");
    await page.click("#run_all_cells a");
    await page.waitForTimeout(3000);
    await page.screenshot({ path: join(shots, "running.png") });
    await page.waitForFunction(() => {
      const cells = Jupyter.notebook.get_cells().filter((cell) => cell.cell_type === "code" && cell.get_text().trim());
      return cells.every((cell) => Number.isInteger(cell.input_prompt_number)) || document.querySelector(".output_error");
    }, null, { timeout: 3 * minutes });
    assert.equal(await page.locator(".output_error").count(), 0, "a cell failed");

    await page.locator(".output_html table").first().scrollIntoViewIfNeeded();
    assert.ok(await page.locator(".output_html table tr").count() > 3, "no table");
    await page.screenshot({ path: join(shots, "table.png") });
    const widths = await page.locator(".output_html img").evaluateAll((images) => images.map((image) => image.naturalWidth));
    assert.ok(widths.length > 0 && widths.every((width) => width > 100), `pictures of width ${widths}`);
    const chart = page.locator(".js-plotly-plot").first();
    await chart.waitFor();
    console.log(`hover: ${await hover(page, chart)}`);
    await page.screenshot({ path: join(shots, "chart.png") });

    // A cell that would not end by itself.
    await page.evaluate(() => {
      const end = Jupyter.notebook.insert_cell_at_bottom("code");
      end.set_text('Console.WriteLine("counting");\nlong n = 0;\nwhile (true) n++;');
      Jupyter.notebook.select(Jupyter.notebook.ncells() - 1);
      end.element[0].scrollIntoView();
      end.execute();
    });
    await page.getByText("counting", { exact: true }).waitFor();
    await page.click('button[data-jupyter-action="jupyter-notebook:interrupt-kernel"]');
    await page.locator(".output_error").waitFor();
    assert.match(await page.locator(".output_error").textContent(), /interrupted/);
    await page.evaluate(() => {
      const end = Jupyter.notebook.insert_cell_at_bottom("code");
      end.set_text('$"counted: {n > 0}, {Size}"');
      end.execute();
    });
    await page.getByText(/^counted: True, (Quick|Small)$/).waitFor();
    await page.screenshot({ path: join(shots, "interrupted.png") });
    await page.evaluate(() => { window.onbeforeunload = null; Jupyter.notebook.set_dirty(false); });
  } finally {
    server.removeAllListeners("exit");
    server.kill("SIGINT");
    server.kill("SIGTERM");
    await new Promise((ended) => (server.exitCode === null ? server.on("exit", ended) : ended()));
  }
}

async function pages(interactive) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, offline: true });
  const names = readdirSync(folder).filter((name) => name.endsWith(".html"));
  assert.ok(names.length > 0, `there is no page in ${folder}`);
  let charts = 0;
  for (const name of names) {
    const page = await context.newPage();
    await page.goto(pathToFileURL(resolve(folder, name)).href, { waitUntil: "load" });
    const places = page.locator('div[id^="chart-"]'), expected = await places.count();
    if (interactive) {
      await page.waitForFunction((count) => document.querySelectorAll(".js-plotly-plot").length === count, expected, { timeout: 30_000 });
    } else {
      await page.waitForTimeout(500);
      assert.equal(await page.locator(".js-plotly-plot").count(), 0, "plotly.js was found after all");
    }
    for (let i = 0; i < expected; i++) {
      if (interactive) {
        console.log(`${name}: hover: ${await hover(page, page.locator(".js-plotly-plot").nth(i))}`);
      } else {
        assert.ok(await places.nth(i).locator("img").evaluate((image) => image.naturalWidth) > 100, `${name}: chart ${i + 1} has no picture`);
      }
    }
    const broken = await page.locator("img").evaluateAll((images) => images.filter((image) => image.naturalWidth === 0).map((image) => image.alt));
    assert.deepEqual(broken, [], `${name}: pictures that do not show`);
    charts += expected;
    await page.screenshot({ path: join(shots, `${what}-${name.replace(".html", ".png")}`) });
    await page.close();
  }
  assert.ok(charts > 0, "no page has a chart");
}
