// Progress for people: one line a step; the wall of logs goes into a file that is named when something fails.
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { paths } from './workspace.mjs';

const live = Boolean(process.stdout.isTTY) && !process.env.CI;

/** The titles of what is being done; the first has the line that is drawn over. */
const running = [];

/** Says something that a reader can act upon, without a stack. */
export class Advice extends Error {}

/** Shows what is being done, how far it is, and how long it took. */
export async function step(title, work) {
  const begin = Date.now();
  const seconds = () => `${((Date.now() - begin) / 1000).toFixed(1)} s`;
  let note = '';
  running.push(title);
  const draw = () => {
    if (running[0] !== title) {
      return;
    }
    const line = `  … ${title} (${seconds()})${note ? `: ${note}` : ''}`;
    process.stdout.write(
      `\r\x1b[2K${line.slice(0, (process.stdout.columns ?? 80) - 1)}`,
    );
  };
  // Where nothing can be drawn over, only what takes long is said again.
  const timer = live
    ? setInterval(draw, 200)
    : setInterval(
        () => note && console.log(`    ${title} (${seconds()}): ${note}`),
        30_000,
      );
  if (!live) {
    console.log(`  … ${title}`);
  }
  const close = (mark, text) => {
    clearInterval(timer);
    running.splice(running.indexOf(title), 1);
    console.log(
      `${live ? '\r\x1b[2K' : ''}  ${mark} ${title}${
        text ? `: ${text}` : ''
      } (${seconds()})`,
    );
  };
  try {
    const result = await work(text => {
      note = text;
    });
    close('✓', typeof result === 'string' ? result : '');
    return result;
  } catch (error) {
    close('✗', '');
    throw error;
  }
}

/** Runs a program to its end; its output goes to a log and, line by line, to `onLine`. */
export async function run(command, args, options = {}) {
  const { log, onLine, allowFailure, ...spawnOptions } = options;
  mkdirSync(paths.logs, { recursive: true });
  const file = join(paths.logs, `${log}.log`);
  const sink = createWriteStream(file);
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...spawnOptions,
  });
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream.setEncoding('utf8').on('data', chunk => {
      sink.write(chunk);
      const lines = (rest + chunk).split(/\r?\n|\r/);
      rest = lines.pop();
      lines.filter(line => line.trim()).forEach(line => onLine?.(line));
    });
  }
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject).on('close', resolve);
  });
  await new Promise(done => sink.end(done));
  if (code !== 0 && !allowFailure) {
    throw new Advice(`${tail(file)}\n\nThe whole output is in ${file}`);
  }
  return code;
}

/** The last lines of a log. */
export function tail(file, lines = 40) {
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .slice(-lines)
    .join('\n');
}
