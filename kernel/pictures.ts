// Plots as still pictures: pictures.ts < figures.json > pictures.json, each a PNG in base64.
import fs from 'node:fs';
import { plotlyScript } from '../src/setup/notebook-view';
import { startBrowser } from './chromium';

interface Figure {
  data: unknown[];
  layout: { height?: number } & Record<string, unknown>;
}

/** In the page's pixels. The file has half as many again each way, so that it is sharp on fine screens. */
const WIDTH = 760;
/** White, because a page on paper or on the web is not ours to see through to. */
const STILL = { paper_bgcolor: 'white', font: { color: '#444' }, width: WIDTH };

async function draw(figures: Figure[]): Promise<object[]> {
  const browser = await startBrowser();
  try {
    const page = await browser.newPage({ viewport: { width: WIDTH, height: 600 }, deviceScaleFactor: 1.5 });
    await page.setContent('<!doctype html><body style="margin:0"><div id="plot"></div></body>');
    await page.addScriptTag({ path: plotlyScript() });
    const pictures: object[] = [];
    for (const { data, layout } of figures) {
      const height = layout.height ?? 360;
      const still = { ...layout, ...STILL, height };
      await page.evaluate(
        `Plotly.newPlot('plot', ${JSON.stringify(data)}, ${JSON.stringify(still)}, { staticPlot: true })`,
      );
      const bytes = await page.locator('#plot').screenshot();
      pictures.push({ png: bytes.toString('base64'), width: WIDTH, height });
      await page.evaluate(`Plotly.purge('plot')`);
    }
    return pictures;
  } finally {
    await browser.close();
  }
}

draw(JSON.parse(fs.readFileSync(0, 'utf8')) as Figure[])
  .then((pictures) => process.stdout.write(JSON.stringify(pictures)))
  .catch((error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
