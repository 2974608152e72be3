import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parse, parseAllDocuments, stringify } from 'yaml';

/** Whether `kubectl kustomize` is at hand on this machine. */
export function hasKustomize(): boolean {
  return spawnSync('kubectl', ['kustomize', '--help']).status === 0;
}

/**
 * What kustomize itself makes of a folder of a repository, with the rules of Flux: files from anywhere in the repository, and,
 * where the folder has no kustomization, all YAML files and the kustomizations below.
 *
 * @returns the objects, or why it fails
 */
export function buildFolder(
  files: Record<string, string>,
  folder: string,
  flux: FluxOptions = {},
): { objects: unknown[] } | { failure: string } {
  const root = mkdtempSync(join(tmpdir(), 'kustomize-'));
  try {
    const all = { ...files, ...implied(files, folder) };
    const own = `${folder ? `${folder}/` : ''}kustomization.yaml`;
    if (Object.hasOwn(all, own)) {
      all[own] = withOptions(all[own], flux);
    }
    for (const [path, content] of Object.entries(all)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content);
    }
    const { status, stdout, stderr } = spawnSync(
      'kubectl',
      [
        'kustomize',
        '--load-restrictor',
        'LoadRestrictionsNone',
        join(root, folder),
      ],
      { encoding: 'utf8', maxBuffer: 64 * 2 ** 20 },
    );
    if (status !== 0) {
      return { failure: stderr };
    }
    const documents = parseAllDocuments(stdout, { merge: true });
    return {
      objects: Array.isArray(documents)
        ? documents.map(document => document.toJS({ maxAliasCount: -1 }))
        : [],
    };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** What Flux writes into the kustomization of the folder before it builds it. */
export interface FluxOptions {
  fields?: Record<string, unknown>;
  /** Put behind the lists that are there. */
  lists?: Record<string, unknown[]>;
}

function withOptions(
  text: string,
  { fields = {}, lists = {} }: FluxOptions,
): string {
  const used = Object.entries(lists).filter(([, list]) => list.length > 0);
  if (used.length === 0 && Object.keys(fields).length === 0) {
    return text;
  }
  const value = parse(text, { merge: true }) as Record<string, unknown[]>;
  return stringify({
    ...value,
    ...fields,
    ...Object.fromEntries(
      used.map(([key, list]) => [key, [...(value[key] ?? []), ...list]]),
    ),
  });
}

const KUSTOMIZATION = /(^|\/)(kustomization\.ya?ml|Kustomization)$/;

function implied(
  files: Record<string, string>,
  folder: string,
): Record<string, string> {
  const below = Object.keys(files).filter(
    path => !folder || path.startsWith(`${folder}/`),
  );
  const relative = (path: string) =>
    folder ? path.slice(folder.length + 1) : path;
  const own = below.map(relative);
  const nested = own
    .filter(path => KUSTOMIZATION.test(path))
    .map(path => path.replace(/\/?[^/]*$/, ''));
  if (nested.includes('')) {
    return {};
  }
  const resources = [
    ...nested.filter(one => !nested.some(other => one.startsWith(`${other}/`))),
    ...own.filter(
      path =>
        /\.ya?ml$/.test(path) &&
        !nested.some(other => path.startsWith(`${other}/`)),
    ),
  ];
  return {
    [`${folder ? `${folder}/` : ''}kustomization.yaml`]: JSON.stringify({
      resources,
    }),
  };
}
