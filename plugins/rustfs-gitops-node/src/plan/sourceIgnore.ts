import ignore, { Ignore } from 'ignore';
import { RepositorySnapshot } from '../types';
import { folderOf, isBelow } from './paths';

/** Name of the files, read like a `.gitignore`, that say what of a repository does not reach the cluster. */
export const IGNORE_FILE = '.sourceignore';

/** What Flux leaves out in any case, as far as it can be YAML. */
const DEFAULTS = `
.git/
.github/
.circleci/
.travis.yml
.gitlab-ci.yml
appveyor.yml
.drone.yml
cloudbuild.yaml
codeship-services.yml
codeship-steps.yml
**/.goreleaser.yml
**/.sops.yaml
**/.flux.yaml
`;

/**
 * Whether a file of the repository is left out by the source of a GitOps engine: by its `.sourceignore` files or by its
 * own patterns, which come last. The last pattern that matches a file or a folder above it decides, as Flux has it; Git
 * would not bring back a file of a folder that is left out.
 */
export function createSourceFilter(
  { files }: RepositorySnapshot,
  patterns: string | false = '',
): (path: string) => boolean {
  if (patterns === false) {
    return () => false;
  }
  const rules = [
    ...readRules('', DEFAULTS),
    ...Object.keys(files)
      .filter(isIgnoreFile)
      .sort((a, b) => a.split('/').length - b.split('/').length)
      .flatMap(path => readRules(folderOf(path), files[path].content)),
    ...readRules('', patterns),
  ];
  return path =>
    rules.reduce(
      (leftOut, { folder, brings, matcher }) =>
        isBelow(path, folder) &&
        matcher.ignores(folder ? path.slice(folder.length + 1) : path)
          ? !brings
          : leftOut,
      false,
    );
}

/** One rule for each run of patterns that leave out, or bring back. */
function readRules(folder: string, text: string) {
  const rules: Array<{ folder: string; brings: boolean; matcher: Ignore }> = [];
  for (const line of text.split(/\r?\n/)) {
    if (!line.trim() || line.startsWith('#')) {
      continue;
    }
    const brings = line.startsWith('!');
    const last = rules.at(-1);
    const rule =
      last?.brings === brings ? last : { folder, brings, matcher: ignore() };
    rule.matcher.add(line.replace(/^!/, ''));
    if (rule !== last) {
      rules.push(rule);
    }
  }
  return rules;
}

function isIgnoreFile(path: string): boolean {
  return path.split('/').at(-1) === IGNORE_FILE;
}

/** A snapshot without what the source leaves out. */
export function withoutIgnored(
  snapshot: RepositorySnapshot,
  isLeftOut: (path: string) => boolean,
): RepositorySnapshot {
  const keep = <T>(entries: Record<string, T>) =>
    Object.fromEntries(
      Object.entries(entries).filter(
        ([path]) => !isIgnoreFile(path) && !isLeftOut(path),
      ),
    );
  return {
    ...snapshot,
    files: keep(snapshot.files),
    skipped: snapshot.skipped && keep(snapshot.skipped),
  };
}
