import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startForBrowser } from './lib/browser.mjs';
import { prepareSecretTools } from './lib/secretTools.mjs';
import { stopServices } from './lib/services.mjs';
import { Advice, run, step } from './lib/steps.mjs';
import { home, paths, root } from './lib/workspace.mjs';

const PARTS = ['checks', 'unit', 'browser'];

export default {
  summary: 'runs everything that must hold, and counts it',

  help: `Runs everything that must hold, and counts it in its last line; a check counts as one.

  npm test                        all of it
  npm test -- checks unit         some of: checks (types, lint, formatting, API reports, packages), unit, browser

It needs no running sandbox: it starts its own, on free ports. Where Go is at hand, the real sops, age and kubeseal are built once (some
minutes) and open what the portal encrypts; SECRET_TOOLS=<folder> names a folder that has them.`,

  allowPositionals: true,

  read(values, parts) {
    const unknown = parts.filter(part => !PARTS.includes(part));
    if (unknown.length) {
      throw new Advice(`There is no part "${unknown[0]}" of the tests.`);
    }
    return { only: parts };
  },

  run: test,
};

/**
 * Everything that must hold: types, lint, formatting, unit and integration tests, browser tests. Closes with a line that
 * counts what really ran; a check counts as one.
 */
async function test({ node, yarn, env: inherited, only }) {
  const wanted = name => !only.length || only.includes(name);
  const env = {
    ...inherited,
    CI: 'true',
    BACKSTAGE_TEST_DISABLE_DOCKER: '1',
    FORCE_COLOR: '0',
  };
  const count = { passed: 0, failed: 0, skipped: 0 };
  const bin = name => join(root, 'node_modules/.bin', name);
  rmSync(paths.reports, { recursive: true, force: true });
  mkdirSync(paths.reports, { recursive: true });

  const check = async (title, log, command, commandArgs) => {
    try {
      await step(title, () =>
        run(command, commandArgs, { log, cwd: root, env }).then(
          () => undefined,
        ),
      );
      count.passed += 1;
    } catch (error) {
      report(error);
      count.failed += 1;
    }
  };

  const checkWhatIsPublished = async () => {
    await check('Types', 'types', bin('tsc'), ['--incremental', 'false']);
    // Of the declarations that the type check has just written.
    await check('API reports', 'api-reports', node, [
      yarn,
      'build:api-reports:only',
      '--ci',
    ]);
    await check('Packages', 'packages', node, ['scripts/packages.mjs']);
  };
  const prepareRest = async () => {
    if (wanted('checks')) {
      await check('Lint', 'lint', bin('backstage-cli'), ['repo', 'lint']);
      await check('Formatting', 'formatting', bin('prettier'), [
        '--check',
        '--loglevel',
        'warn',
        '.',
      ]);
      await check('Package metadata', 'metadata', bin('backstage-cli'), [
        'repo',
        'fix',
        '--publish',
        '--check',
      ]);
      await check('Commands', 'commands', node, [
        '--test',
        'scripts/**/*.test.mjs',
      ]);
    }
    return wanted('unit')
      ? env.SECRET_TOOLS ?? prepareSecretTools(env)
      : undefined;
  };
  // Neither needs what the other makes, and most of each keeps one processor busy.
  const [, secretTools] = await Promise.all([
    wanted('checks') && checkWhatIsPublished(),
    prepareRest(),
  ]);
  let unproven = '';
  if (wanted('unit')) {
    if (!secretTools) {
      unproven =
        '\nNot proven by the real sops and kubeseal: they are built with Go, which is not at hand or could not get them. SECRET_TOOLS=<folder> names a folder with sops, age, age-keygen and kubeseal.\n';
    }
    await unitTests({
      bin,
      env: { ...env, ...(secretTools && { SECRET_TOOLS: secretTools }) },
      count,
    });
  }
  if (wanted('browser')) {
    await browserTests({ node, env, bin, count });
  }
  console.log(
    `${unproven}\n${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`,
  );
  return count.failed ? 1 : 0;
}

async function unitTests({ bin, env, count }) {
  const outputFile = join(paths.reports, 'unit.json');
  await step('Unit and integration tests', async note => {
    await run(
      bin('backstage-cli'),
      [
        'repo',
        'test',
        '--watchAll=false',
        // More than processors: the long ones wait for servers most of the time.
        '--maxWorkers=3',
        '--json',
        `--outputFile=${outputFile}`,
      ],
      {
        log: 'unit',
        cwd: root,
        env: { ...env, NODE_OPTIONS: '--no-node-snapshot' },
        allowFailure: true,
        onLine: line => /^(PASS|FAIL) /.test(line) && note(line),
      },
    );
    const result = readReport(outputFile, 'unit');
    count.passed += result.numPassedTests;
    count.skipped += result.numPendingTests + result.numTodoTests;
    // A file that cannot even be loaded has no tests that could fail.
    const broken = result.testResults.filter(
      file =>
        file.status === 'failed' &&
        !file.assertionResults.some(t => t.status === 'failed'),
    );
    count.failed += result.numFailedTests + broken.length;
    for (const file of result.testResults) {
      const failed = file.assertionResults.filter(t => t.status === 'failed');
      if (file.status === 'failed') {
        console.log(
          `\n  ✗ ${file.name}\n${
            failed
              .map(
                t =>
                  `    ${t.fullName}\n${indent(t.failureMessages.join('\n'))}`,
              )
              .join('\n') || indent(file.message)
          }`,
        );
      }
      const skipped = file.assertionResults.filter(t => t.status === 'pending');
      if (skipped.length) {
        console.log(
          `\n  - ${skipped.length} skipped in ${file.name}, the first: ${skipped[0].fullName}`,
        );
      }
    }
    return `${result.numPassedTests} passed, ${
      result.numFailedTests + broken.length
    } failed`;
  });
}

async function browserTests({ node, env, bin, count }) {
  const state = join(home, 'test-state');
  const outputFile = join(paths.reports, 'browser.json');
  const toolchain = { node, env };
  try {
    const { url, log, faults } = await startForBrowser({ toolchain, state });
    await step('Browser tests', async note => {
      await run(bin('playwright'), ['test'], {
        log: 'browser',
        cwd: join(root, 'packages/e2e'),
        env: {
          ...env,
          PORTAL_URL: url,
          PORTAL_LOG: log,
          SANDBOX_STATE: state,
          SANDBOX_FAULTS: faults,
          REPORT_DIR: paths.reports,
        },
        allowFailure: true,
        onLine: line => note(line.trim()),
      });
      const { stats, errors } = readReport(outputFile, 'browser');
      const failed = stats.unexpected + errors.length;
      count.passed += stats.expected + stats.flaky;
      count.failed += failed;
      count.skipped += stats.skipped;
      if (failed) {
        console.log(
          `\n${readFileSync(join(paths.logs, 'browser.log'), 'utf8')}`,
        );
      }
      return `${stats.expected} passed, ${failed} failed, ${stats.skipped} skipped`;
    });
  } catch (error) {
    report(error);
    count.failed += 1;
  } finally {
    await stopServices();
  }
}

function readReport(file, log) {
  if (!existsSync(file)) {
    throw new Advice(
      `There is no report: see ${join(paths.logs, `${log}.log`)}`,
    );
  }
  return JSON.parse(readFileSync(file, 'utf8'));
}

function report(error) {
  if (!(error instanceof Advice)) {
    throw error;
  }
  console.log(`\n${indent(error.message)}\n`);
}

function indent(text) {
  return text
    .split('\n')
    .map(line => `      ${line}`)
    .join('\n');
}
