// The style the code is held to: strict types, short functions, small files, imports that run one way.
import { createNodeResolver, importX } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/** From the top down: a room imports from those after it, never from those before it. */
const ROOMS = [
  ...['cli', 'lesson', 'setup', 'show', 'publish', 'serve', 'inspect', 'evaluation', 'training'],
  ...['model', 'tokens', 'squad', 'download', 'engine'],
];
const zones = ROOMS.slice(1).map((room, i) => ({
  target: `./src/${room}`,
  from: ROOMS.slice(0, i + 1).map((above) => `./src/${above}`),
  message: 'Imports run one way: see ROOMS in eslint.config.mjs.',
}));

export default tseslint.config(
  {
    ignores: [
      'node_modules/',
      '.spanlab/',
      'models/',
      'runs/',
      'dist/',
      'dist-site/',
      'docs/site/',
      'my-notebooks/',
      'data/',
      '**/*.cjs',
      '**/*.mjs',
    ],
  },
  ...tseslint.configs.strict,
  ...tseslint.configs.stylistic,
  {
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      'max-lines': ['error', { max: 220, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 40, skipBlankLines: true, skipComments: true }],
      complexity: ['error', 12],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    plugins: { 'import-x': importX },
    settings: {
      'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.js'] })],
      'import-x/extensions': ['.ts'],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
    },
    rules: {
      'import-x/no-cycle': 'error',
      'import-x/no-duplicates': ['error', { 'prefer-inline': true }],
      'import-x/no-restricted-paths': ['error', { zones }],
    },
  },
  {
    files: ['src/**'],
    ignores: ['src/make-folder.ts', 'src/terminal.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: 'CallExpression[callee.property.name=/^mkdir(Sync)?$/] Property[key.name="recursive"]',
          message: 'makeFolder says why a folder cannot be made; Node says of a read-only disk that nothing is there.',
        },
        {
          selector: 'CallExpression[callee.object.object.name="process"][callee.property.name="write"]',
          message: 'say and tell keep what files hold from commanding the terminal.',
        },
      ],
    },
  },
  {
    files: ['test/**', 'bench/**', 'create/**'],
    rules: { 'max-lines-per-function': 'off', 'max-lines': 'off', 'no-console': 'off' },
  },
);
