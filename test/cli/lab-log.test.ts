// JupyterLab's log as `spanlab lab` shows it: nothing that is no news, and the address.
import assert from 'node:assert/strict';
import test from 'node:test';
import { LabLog, wantsLog } from '../../src/cli/lab-log';

const AT = '2026-01-01 10:00:00.123';
const URL = 'http://localhost:8888/lab/tree/my-notebooks/00-start-here.ipynb?token=abc';
const LINES = [
  `[I ${AT} ServerApp] jupyter_lsp | extension was successfully linked.`,
  `[W ${AT} LabApp] Something is odd.`,
  `[I ${AT} ServerApp] Jupyter Server 2.21.1 is running at:`,
  `[I ${AT} ServerApp] ${URL}`,
  `[I ${AT} ServerApp]     http://127.0.0.1:8888/lab/tree/my-notebooks/00-start-here.ipynb?token=abc`,
  `[C ${AT} ServerApp] `,
  '    ',
  '    To access the server, open this file in a browser:',
  '        file:///home/ada/jpserver-7-open.html',
  '    Or copy and paste one of these URLs:',
  `        ${URL}`,
  `[I ${AT} ServerApp] Skipped non-installed server(s): basedpyright, bash-language-server`,
  'FATAL ERROR: said by a kernel',
  '    at its second line',
  `[C ${AT} ServerApp] Running as root is not recommended. Use --allow-root to bypass.`,
  `[E ${AT} ServerApp] Broken.`,
];

test('the address comes once; news of the server stay away, warnings and words of kernels do not', () => {
  const log = new LabLog();
  const shown = LINES.map((line) => log.take(line));
  assert.deepEqual(
    shown.flatMap(({ address }) => address ?? []),
    [URL],
  );
  assert.deepEqual(
    shown.flatMap(({ text }) => text ?? []),
    [1, 12, 13, 14, 15].map((i) => LINES[i]),
  );
});

test('who asks for the log has all of it', () => {
  assert.ok(['--debug', '--log-level=INFO', '--ServerApp.log_level=DEBUG'].every((arg) => wantsLog([arg])));
  assert.ok(!wantsLog(['--no-browser', '--port=8888']));
});
