// What the site does in Firefox, by hand: `node --import tsx test/site/firefox.ts [PROGRAM]`. It is no part of the tests, since few
// machines have one; docs/site.md has what was seen.
import { firefox } from 'playwright-core';
import { addNotebook, errorsOf, openNotebook, openSite, runCell, textOf } from './opened';
import { TRAIN, trainTiny } from './tiny';

const CELLS = [
  `import { chooseBackend } from './src/engine/backend';\nconst { name, version } = await chooseBackend();\n\`\${name}: \${version}\``,
  `${TRAIN}\nawait (${trainTiny.toString()})({ chooseBackend, AdamW, parseConfig, QuestionAnsweringModel, tf })`,
  "import { resolveModel } from './src/model/resolve';\nawait resolveModel('workshop')",
  "import fs from 'node:fs';\nfs.mkdirSync('runs', { recursive: true });\nfs.writeFileSync('runs/a.txt', 'kept');",
  "import fs from 'node:fs';\nfs.readFileSync('runs/a.txt', 'utf8')",
];

async function main(executablePath = '/usr/bin/firefox-esr'): Promise<void> {
  const start = () => firefox.launch({ channel: 'moz-firefox', executablePath });
  for (const isolated of [true, false]) {
    const site = await openSite({ isolated, start, change: (folder) => addNotebook(folder, 'try.ipynb', CELLS) });
    try {
      const front = await site.context.newPage();
      await front.goto(site.url);
      await front.waitForSelector('#machine dd');
      console.log({ isolated, machine: await front.innerText('#machine') });
      const page = await openNotebook(site, 'try.ipynb');
      for (const place of CELLS.keys()) {
        const ran = await runCell(page, place);
        console.log(ran.seconds.toFixed(1), errorsOf(ran), textOf(ran));
      }
      const again = await openNotebook(site, 'try.ipynb');
      console.log('after a reload:', textOf(await runCell(again, CELLS.length - 1)));
      console.log({ strangers: site.strangers });
    } finally {
      await site.close();
    }
  }
}

void main(process.argv[2]);
