// The Node and the Yarn that the project runs with, both pinned and taken from npm where the machine has no fitting one.
import { chmodSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Advice, run, step } from './steps.mjs';
import { digest, home, isDone, markDone, paths, root } from './workspace.mjs';

const NODE = '24.20.0';
const YARN = '4.13.0';
const SUPPORTED = [22, 24];

/** Installs what is missing; answers the Node to use and the environment for child processes. */
export async function prepare() {
  mkdirSync(home, { recursive: true });
  // Keys, tokens and databases of the sandbox lie in it; one made by an older version was open to everyone here.
  chmodSync(home, 0o700);
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 20) {
    throw new Advice(
      `Node ${process.version} is too old: install Node 20 or newer.`,
    );
  }
  // The Node that was fetched before may be the one that runs this, when the commands call each other.
  const ownNode =
    SUPPORTED.includes(major) && !process.execPath.startsWith(paths.tools);
  const bin = join(paths.tools, 'node_modules', '.bin');
  const node = ownNode ? process.execPath : join(bin, 'node');
  const yarn = join(
    paths.tools,
    'node_modules',
    '@yarnpkg',
    'cli-dist',
    'bin',
    'yarn.js',
  );
  const wanted = [
    `@yarnpkg/cli-dist@${YARN}`,
    ...(ownNode ? [] : [`node@${NODE}`]),
  ];

  if (
    !isDone('tools', wanted.join()) ||
    !existsSync(yarn) ||
    !existsSync(node)
  ) {
    await step(
      `Getting ${wanted
        .map(name => name.replace('@yarnpkg/cli-dist', 'yarn'))
        .join(' and ')}`,
      async () => {
        await run(
          'npm',
          [
            'install',
            '--no-save',
            '--no-package-lock',
            '--no-audit',
            '--no-fund',
            '--prefix',
            paths.tools,
            ...wanted,
          ],
          {
            log: 'tools',
            cwd: home,
            shell: process.platform === 'win32',
          },
        );
      },
    );
    markDone('tools', wanted.join());
  }

  const env = { ...process.env, PATH: [bin, process.env.PATH].join(delimiter) };
  // Settings of the npm that started this belong to it and only make its children complain.
  for (const name of Object.keys(env)) {
    if (name.toLowerCase().startsWith('npm_')) {
      delete env[name];
    }
  }

  const manifests = digest(
    ['package.json', 'yarn.lock', '.yarnrc.yml', 'packages', 'plugins'].flatMap(
      manifestsOf,
    ),
    node + major,
  );
  if (
    !isDone('install', manifests) ||
    !existsSync(join(root, 'node_modules', '.yarn-state.yml'))
  ) {
    await step('Installing dependencies from the lockfile', note =>
      run(node, [yarn, 'install', '--immutable'], {
        log: 'install',
        cwd: root,
        env,
        onLine: line =>
          note(line.replace(/^➤ \S+ /, '').replace(/^[│┌└]\s*/, '')),
      }).then(() => undefined),
    );
    markDone('install', manifests);
  }
  return { node, yarn, env };
}

function manifestsOf(entry) {
  if (!['packages', 'plugins'].includes(entry)) {
    return [entry];
  }
  return readdirSync(join(root, entry)).map(
    name => `${entry}/${name}/package.json`,
  );
}
