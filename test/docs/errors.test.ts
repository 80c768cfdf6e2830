// docs/errors.md is what the sources say, and no code of theirs is missing from it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import test from 'node:test';
import { projectRoot } from '../../src/root';
import { codesIn, ERRORS_FILE, errorsDocument } from './errors';

test('docs/errors.md is current: `npm run docs:errors` writes it', () => {
  assert.equal(fs.readFileSync(ERRORS_FILE, 'utf8'), errorsDocument());
});

test('every code that stands in the sources is in it', () => {
  // by another way than the parser's: what looks like a code in quotes
  const found = execFileSync('grep', ['-rhoE', "'E_[A-Z][A-Z0-9_]*'", 'src', 'kernel', '--include=*.ts'], { cwd: projectRoot(), encoding: 'utf8' }); // prettier-ignore
  const codes = new Set(found.trim().split('\n').map((quoted) => quoted.slice(1, -1))); // prettier-ignore
  const document = fs.readFileSync(ERRORS_FILE, 'utf8');
  const missing = [...codes].filter((code) => !code.endsWith('_') && !document.includes(`\`${code}\``));
  assert.deepEqual(missing, []);
  assert.ok(codes.size > 80, `${codes.size}`);
  for (const code of ['E_SAFETENSORS_JSON', 'E_SAFETENSORS_GAP', 'E_PICKLE_CODE', 'E_PICKLE_TYPE']) {
    assert.match(document, new RegExp(`^\\| \`${code}\` \\|`, 'm'));
  }
});

test('codes in calls, lists, objects and constants', () => {
  const text = `
    const advice = 'do that';
    function f(x: string) {
      const code = x ? 'E_A' : 'E_B';
      throw new MyError(code, \`\${x}: it is wrong; \${advice}\`);
    }
    const table = { ENOENT: ['E_C', 'gone; fetch it'] };
    const body = { code: 'E_D', message: 'late' };
    if (error.code === 'E_E') throw error;`;
  assert.deepEqual(
    codesIn('src/x/y.ts', text).map(({ code, message }) => [code, message]),
    [
      ['E_A', 'it is wrong; do that'],
      ['E_B', 'it is wrong; do that'],
      ['E_C', 'gone; fetch it'],
      ['E_D', 'late'],
    ],
  );
});
