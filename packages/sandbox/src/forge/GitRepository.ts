import { execFile, spawn } from 'node:child_process';
import {
  access,
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { LRUCache } from 'lru-cache';

export const NO_COMMIT = '0'.repeat(40);

const OBJECT_ID = /^[0-9a-f]{40}$/;

/** An object, or what a tree has at a path. */
const FIXED_NAME = /^[0-9a-f]{40}(:|$)/;

/** Of one repository: what was made out of objects, which never change. */
const KEPT_ANSWERS = 4000;

/** Every Git knows this one. */
const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

/** `git` ended with an error; `stderr` is what it said. */
export class GitError extends Error {
  constructor(
    command: string,
    readonly exitCode: number | undefined,
    readonly stderr: string,
  ) {
    super(`git ${command} failed: ${stderr.trim() || `exit ${exitCode}`}`);
    this.name = 'GitError';
  }
}

export interface Signature {
  name: string;
  email: string;
  /** ISO 8601, or anything that git reads as a date. */
  date: string;
}

export interface Commit {
  sha: string;
  tree: string;
  parents: string[];
  author: Signature;
  committer: Signature;
  message: string;
}

export interface TreeEntry {
  mode: string;
  type: 'blob' | 'tree' | 'commit';
  sha: string;
  size: number;
  path: string;
}

export interface IndexChange {
  path: string;
  /** Absent: the path is removed. */
  entry?: { mode: string; sha: string };
}

export interface FileStat {
  path: string;
  status: 'added' | 'deleted' | 'modified' | 'renamed';
  previousPath?: string;
  additions: number;
  deletions: number;
}

export interface TouchedBy {
  sha: string;
  authorDate: string;
  committerDate: string;
  /** First line of the message. */
  subject: string;
}

/** Environment in which neither the configuration of the machine nor of the person running it has a say. */
export const GIT_ENVIRONMENT: NodeJS.ProcessEnv = {
  PATH: process.env.PATH,
  HOME: tmpdir(),
  LC_ALL: 'C',
  TZ: 'UTC',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
};

// The forge decides beforehand what it refuses and tells the hook by environment;
// the reason reaches the person pushing through git's own channel.
const PRE_RECEIVE = `#!/bin/sh
if [ -n "$FORGE_REFUSE" ]; then
  echo "Forge: $FORGE_REFUSE" >&2
  exit 1
fi
while read -r old new ref; do
  case " $FORGE_FAST_FORWARD_ONLY " in
    *" $ref "*)
      if ! git merge-base --is-ancestor "$old" "$new"; then
        echo "Forge: branch \${ref#refs/heads/} is protected from force push" >&2
        exit 1
      fi ;;
  esac
done
exit 0
`;

const COMMIT_FORMAT =
  '%H%x00%T%x00%P%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%B';

function parseCommit(text: string): Commit {
  const [sha, tree, parents, an, ae, ad, cn, ce, cd, ...message] =
    text.split('\0');
  return {
    sha,
    tree,
    parents: parents ? parents.split(' ') : [],
    author: { name: an, email: ae, date: ad },
    committer: { name: cn, email: ce, date: cd },
    message: `${message.join('\0').replace(/\n+$/, '')}\n`,
  };
}

function logOf(args: string[]): string[] {
  return ['log', `--format=${COMMIT_FORMAT}%x1e`, '--no-color', ...args];
}

function parseLog(out: string): Commit[] {
  return out
    .split('\x1e')
    .map(part => part.replace(/^\n/, ''))
    .filter(Boolean)
    .map(parseCommit);
}

/** One bare Git repository on disk, handled with the `git` program. */
export class GitRepository {
  // To start a program out of a large process takes long: what cannot change is asked once.
  private readonly kept = new LRUCache<string, Promise<Buffer>>({
    max: KEPT_ANSWERS,
  });

  constructor(readonly directory: string) {}

  async init(defaultBranch: string): Promise<void> {
    await mkdir(this.directory, { recursive: true });
    await this.run(['init', '--quiet', '--bare', '--template=', '.']);
    await this.setDefaultBranch(defaultBranch);
    for (const [key, value] of [
      ['http.receivepack', 'true'],
      ['uploadpack.allowFilter', 'true'],
      ['uploadpack.allowAnySHA1InWant', 'true'],
      ['receive.autogc', 'false'],
      ['gc.auto', '0'],
    ]) {
      await this.run(['config', key, value]);
    }
    await this.installHooks();
  }

  async installHooks(): Promise<void> {
    const hook = join(this.directory, 'hooks', 'pre-receive');
    await mkdir(join(this.directory, 'hooks'), { recursive: true });
    await writeFile(hook, PRE_RECEIVE);
    await chmod(hook, 0o755);
  }

  async setDefaultBranch(branch: string): Promise<void> {
    await this.run(['symbolic-ref', 'HEAD', `refs/heads/${branch}`]);
  }

  /** Runs git in this repository and answers with its standard output. */
  run(
    args: string[],
    options: {
      input?: string | Buffer;
      env?: NodeJS.ProcessEnv;
      /** Another exit code that comes with an answer. */
      alsoEndsWith?: number;
    } = {},
  ): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const child = execFile(
        'git',
        args,
        {
          cwd: this.directory,
          env: { ...GIT_ENVIRONMENT, ...options.env },
          encoding: 'buffer',
          maxBuffer: 256 * 1024 * 1024,
        },
        (error, stdout, stderr) => {
          const code = typeof error?.code === 'number' ? error.code : undefined;
          if (error && (!code || code !== options.alsoEndsWith)) {
            reject(new GitError(args[0], code, stderr.toString()));
          } else {
            resolve(stdout);
          }
        },
      );
      // A program that ends early closes its input; its exit code tells what was wrong.
      child.stdin?.on('error', () => {});
      child.stdin?.end(options.input ?? '');
    });
  }

  private async text(
    args: string[],
    options?: { input?: string | Buffer; env?: NodeJS.ProcessEnv },
  ): Promise<string> {
    return (await this.run(args, options)).toString('utf8');
  }

  /** As {@link run}, but once only when all of these are names of objects that cannot move. */
  private async read(
    names: string[],
    args: string[],
    options: { alsoEndsWith?: number } = {},
  ): Promise<Buffer> {
    if (!names.every(name => FIXED_NAME.test(name))) {
      return await this.run(args, options);
    }
    const key = args.join('\0');
    let answer = this.kept.get(key);
    if (!answer) {
      answer = this.run(args, options);
      this.kept.set(key, answer);
      answer.catch(() => this.kept.delete(key));
    }
    return await answer;
  }

  private async readText(...asked: Parameters<GitRepository['read']>) {
    return (await this.read(...asked)).toString('utf8');
  }

  // Reading

  /** Commit id of a branch, tag, full ref or commit id. */
  async resolve(ref: string): Promise<string | undefined> {
    if (!ref || ref.startsWith('-') || /[\s\0:^~]/.test(ref)) return undefined;
    if (OBJECT_ID.test(ref)) {
      const found = await this.readText(
        [ref],
        ['rev-parse', '--verify', '--quiet', `${ref}^{commit}`],
      ).catch(() => '');
      return found.trim() || undefined;
    }
    const candidates = ref.startsWith('refs/')
      ? [ref]
      : [`refs/heads/${ref}`, `refs/tags/${ref}`];
    if (/^[0-9a-f]{7,40}$/.test(ref) || ref === 'HEAD') candidates.push(ref);
    for (const candidate of candidates) {
      const found = await this.text([
        'rev-parse',
        '--verify',
        '--quiet',
        '--end-of-options',
        `${candidate}^{commit}`,
      ]).catch(() => '');
      if (found) return found.trim().split('\n').pop();
    }
    return undefined;
  }

  async branch(name: string): Promise<string | undefined> {
    if (/(^|\/)\.|^\/|\0/.test(name)) return undefined;
    // A ref is a small file, unless it is packed: reading it saves starting git a dozen times per call.
    const loose = await readFile(
      join(this.directory, 'refs', 'heads', name),
      'utf8',
    ).catch(() => '');
    return /^[0-9a-f]{40}\n$/.test(loose)
      ? loose.trim()
      : await this.resolve(`refs/heads/${name}`);
  }

  /** The one with the newest commit first. */
  async branches(): Promise<Array<{ name: string; sha: string }>> {
    const loose = await this.looseBranches();
    if (loose) {
      const dated = await Promise.all(
        loose.map(async branch => ({
          ...branch,
          date: Date.parse((await this.commit(branch.sha)).committer.date),
        })),
      );
      return dated
        .sort((a, b) => b.date - a.date || (a.name < b.name ? -1 : 1))
        .map(({ name, sha }) => ({ name, sha }));
    }
    const out = await this.text([
      'for-each-ref',
      '--sort=-committerdate',
      '--format=%(objectname) %(refname:lstrip=2)',
      'refs/heads',
    ]);
    return out
      .split('\n')
      .filter(Boolean)
      .map(line => ({ sha: line.slice(0, 40), name: line.slice(41) }));
  }

  /** Undefined when refs are packed, which only git can read. */
  private async looseBranches(): Promise<
    Array<{ name: string; sha: string }> | undefined
  > {
    const packed = await access(join(this.directory, 'packed-refs')).then(
      () => true,
      () => false,
    );
    if (packed) return undefined;
    const folder = join(this.directory, 'refs', 'heads');
    const files = await readdir(folder, {
      recursive: true,
      withFileTypes: true,
    }).catch(() => []);
    const branches = await Promise.all(
      files
        .filter(file => file.isFile() && !file.name.endsWith('.lock'))
        .map(async file => {
          const path = join(file.parentPath, file.name);
          return {
            name: relative(folder, path).split(sep).join('/'),
            // A branch may go meanwhile.
            sha: (await readFile(path, 'utf8').catch(() => '')).trim(),
          };
        }),
    );
    return branches.filter(({ sha }) => OBJECT_ID.test(sha));
  }

  async commit(sha: string): Promise<Commit> {
    return parseLog(await this.readText([sha], logOf([sha, '-1'])))[0];
  }

  /** Commits as `git log` selects them with these arguments. */
  async log(args: string[]): Promise<Commit[]> {
    return parseLog(await this.text(logOf(args)));
  }

  async tree(commit: string, recursive: boolean): Promise<TreeEntry[]> {
    const out = await this.readText(
      [commit],
      ['ls-tree', '-z', '--long', ...(recursive ? ['-r', '-t'] : []), commit],
    );
    return this.parseTree(out);
  }

  /** The entries at these paths, files or folders; what is not there is not in the answer. */
  async entries(
    commit: string,
    paths: string[],
  ): Promise<Map<string, TreeEntry>> {
    if (paths.length === 0) return new Map();
    const out = await this.readText(
      [commit],
      [
        'ls-tree',
        '-z',
        // Also a folder that is asked for together with something in it.
        '-t',
        '--long',
        '--full-tree',
        commit,
        '--',
        ...paths,
      ],
    );
    return new Map(this.parseTree(out).map(entry => [entry.path, entry]));
  }

  private parseTree(out: string): TreeEntry[] {
    return out
      .split('\0')
      .filter(Boolean)
      .map(line => {
        const tab = line.indexOf('\t');
        const [mode, type, sha, size] = line.slice(0, tab).split(/\s+/);
        return {
          mode,
          type: type as TreeEntry['type'],
          sha,
          size: size === '-' ? 0 : Number(size),
          path: line.slice(tab + 1),
        };
      });
  }

  async blob(sha: string): Promise<Buffer> {
    return await this.read([sha], ['cat-file', 'blob', sha]);
  }

  /** Contents of several blobs with one process. */
  async blobs(shas: string[]): Promise<Map<string, Buffer>> {
    const found = new Map<string, Buffer>();
    const missing: string[] = [];
    for (const sha of new Set(shas)) {
      const kept = await this.kept.get(sha);
      if (kept) found.set(sha, kept);
      else missing.push(sha);
    }
    if (missing.length === 0) return found;
    const out = await this.run(['cat-file', '--batch'], {
      input: `${missing.join('\n')}\n`,
    });
    let at = 0;
    while (at < out.length) {
      const end = out.indexOf(10, at);
      const [sha, , size] = out.subarray(at, end).toString().split(' ');
      const content = Buffer.from(
        out.subarray(end + 1, end + 1 + Number(size)),
      );
      found.set(sha, content);
      this.kept.set(sha, Promise.resolve(content));
      at = end + 1 + Number(size) + 1;
    }
    return found;
  }

  async objectType(sha: string): Promise<string | undefined> {
    return (
      (await this.text(['cat-file', '-t', sha]).catch(() => '')).trim() ||
      undefined
    );
  }

  /** The last commit that touched each of these paths (files or folders). */
  async lastTouched(
    commit: string,
    paths: string[],
  ): Promise<Map<string, TouchedBy>> {
    const found = new Map<string, TouchedBy>();
    if (paths.length === 0) return found;
    const out = await this.readText(
      [commit],
      [
        'log',
        '--format=%x1e%H %aI %cI %s',
        '--name-only',
        '--no-renames',
        '-z',
        commit,
        '--',
        ...paths,
      ],
    );
    const wanted = new Set(paths);
    for (const part of out.split('\x1e').slice(1)) {
      const [head, ...names] = part.split(/[\0\n]+/).filter(Boolean);
      const [sha, authorDate, committerDate, ...words] = head.split(' ');
      const subject = words.join(' ');
      for (const name of names) {
        for (const path of wanted) {
          if (name === path || name.startsWith(`${path}/`)) {
            found.set(path, { sha, authorDate, committerDate, subject });
            wanted.delete(path);
          }
        }
      }
      if (wanted.size === 0) break;
    }
    return found;
  }

  async mergeBase(a: string, b: string): Promise<string | undefined> {
    const out = await this.readText([a, b], ['merge-base', a, b]).catch(
      () => '',
    );
    return out.trim() || undefined;
  }

  async isAncestor(ancestor: string, commit: string): Promise<boolean> {
    return (await this.mergeBase(ancestor, commit)) === ancestor;
  }

  async diff(from: string, to: string): Promise<string> {
    return await this.readText(
      [from, to],
      ['diff', '--no-color', '--no-ext-diff', '--find-renames', from, to],
    );
  }

  async changedFiles(from: string, to: string): Promise<FileStat[]> {
    const [numbers, names] = await Promise.all([
      this.readText(
        [from, to],
        ['diff', '-z', '--numstat', '--find-renames', from, to],
      ),
      this.readText(
        [from, to],
        ['diff', '-z', '--name-status', '--find-renames', from, to],
      ),
    ]);
    return zipStats(numbers, names);
  }

  /** What one commit changed against its first parent. */
  async commitFiles(commit: Commit): Promise<FileStat[]> {
    return await this.changedFiles(commit.parents[0] ?? EMPTY_TREE, commit.sha);
  }

  async commitDiff(commit: Commit): Promise<string> {
    return await this.diff(commit.parents[0] ?? EMPTY_TREE, commit.sha);
  }

  /** The tree of both sides merged, or undefined when they conflict. */
  async mergeTrees(
    ours: string,
    theirs: string,
  ): Promise<{ tree: string } | { conflicts: string[] }> {
    const out = await this.readText(
      [ours, theirs],
      ['merge-tree', '--write-tree', '--no-messages', ours, theirs],
      // There are conflicts.
      { alsoEndsWith: 1 },
    );
    const [tree, ...conflicts] = out.split('\n').filter(Boolean);
    return conflicts.length === 0
      ? { tree }
      : { conflicts: [...new Set(conflicts.map(line => line.split('\t')[1]))] };
  }

  // Writing

  /** Writes blobs with one process; the answer is in the order of the input. */
  async writeBlobs(contents: Buffer[]): Promise<string[]> {
    if (contents.length === 0) return [];
    if (contents.length === 1) {
      const sha = await this.text(['hash-object', '-w', '--stdin'], {
        input: contents[0],
      });
      return [sha.trim()];
    }
    const folder = await mkdtemp(join(tmpdir(), 'forge-blobs-'));
    try {
      const names = contents.map((_, index) => join(folder, String(index)));
      await Promise.all(
        contents.map((content, index) => writeFile(names[index], content)),
      );
      const out = await this.text(
        ['hash-object', '-w', '--no-filters', '--stdin-paths'],
        { input: `${names.join('\n')}\n` },
      );
      return out.trim().split('\n');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** The tree of `base` (a commit; absent: nothing) with these changes. */
  async writeTree(
    base: string | undefined,
    changes: IndexChange[],
  ): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'forge-index-'));
    const env = { GIT_INDEX_FILE: join(folder, 'index') };
    try {
      if (base) await this.run(['read-tree', base], { env });
      if (changes.length > 0) {
        const lines = changes.map(({ path, entry }) =>
          entry
            ? `${entry.mode} ${entry.sha}\t${path}\0`
            : `0 ${NO_COMMIT}\t${path}\0`,
        );
        await this.run(['update-index', '-z', '--index-info'], {
          env,
          input: lines.join(''),
        });
      }
      return (await this.text(['write-tree'], { env })).trim();
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async writeCommit(options: {
    tree: string;
    parents: string[];
    author: Signature;
    committer: Signature;
    message: string;
  }): Promise<string> {
    const { author, committer } = options;
    const out = await this.text(
      [
        'commit-tree',
        options.tree,
        ...options.parents.flatMap(parent => ['-p', parent]),
      ],
      {
        input: `${options.message.replace(/\n+$/, '')}\n`,
        env: {
          GIT_AUTHOR_NAME: author.name,
          GIT_AUTHOR_EMAIL: author.email,
          GIT_AUTHOR_DATE: author.date,
          GIT_COMMITTER_NAME: committer.name,
          GIT_COMMITTER_EMAIL: committer.email,
          GIT_COMMITTER_DATE: committer.date,
        },
      },
    );
    return out.trim();
  }

  /**
   * Moves a ref, if it still is where the caller saw it ({@link NO_COMMIT}: is not there yet).
   *
   * @throws GitError whose text holds git's `cannot lock ref ...` when somebody else was faster
   */
  async updateRef(
    ref: string,
    commit: string,
    expected?: string,
  ): Promise<void> {
    await this.run([
      'update-ref',
      ref,
      commit,
      ...(expected === undefined ? [] : [expected]),
    ]);
  }

  async deleteRef(ref: string, expected?: string): Promise<void> {
    await this.run(['update-ref', '-d', ref, ...(expected ? [expected] : [])]);
  }

  /** Speaks Git's smart HTTP protocol for one request. */
  httpBackend(env: NodeJS.ProcessEnv) {
    return spawn('git', ['http-backend'], {
      env: {
        ...GIT_ENVIRONMENT,
        GIT_PROJECT_ROOT: this.directory,
        GIT_HTTP_EXPORT_ALL: '1',
        ...env,
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  }
}

function zipStats(numbers: string, names: string): FileStat[] {
  const stats: FileStat[] = [];
  const nameParts = names.split('\0');
  const numberParts = numbers.split('\0');
  let n = 0;
  let m = 0;
  while (n < nameParts.length - 1) {
    const letter = nameParts[n][0];
    const renamed = letter === 'R' || letter === 'C';
    const previousPath = renamed ? nameParts[n + 1] : undefined;
    const path = nameParts[n + (renamed ? 2 : 1)];
    n += renamed ? 3 : 2;
    const [additions, deletions] = (numberParts[m] ?? '').split('\t');
    m += renamed ? 3 : 1;
    stats.push({
      path,
      previousPath,
      status:
        (
          { A: 'added', D: 'deleted', R: 'renamed' } as Record<
            string,
            FileStat['status']
          >
        )[letter] ?? 'modified',
      // Binary files have `-` here.
      additions: Number(additions) || 0,
      deletions: Number(deletions) || 0,
    });
  }
  return stats;
}
