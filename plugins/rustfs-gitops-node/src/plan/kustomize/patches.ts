import { RepositorySnapshot } from '../../types';
import { parseYaml } from '../../yaml';
import { resolvePath } from '../paths';
import { Kustomization } from './Kustomization';
import { isRecord } from './RenderedObject';

/** A patch as somebody wrote it. */
export interface Patch {
  /** File and line, or field of the Flux object, that brings it in. */
  by: string;
  /** Undefined: a merge patch is for the object that it names. */
  target?: unknown;
  options?: unknown;
  /** Its documents: a list is a JSON patch, a mapping a merge patch. */
  content: { values: unknown[] } | { unreadable: string };
}

type Field = 'patches' | 'patchesStrategicMerge' | 'patchesJson6902';

/** The patches in a field of a kustomization, wherever they are written. */
export function readPatches(
  snapshot: RepositorySnapshot,
  kustomization: Kustomization,
  field: Field,
): Patch[] {
  return (kustomization.value[field] ?? []).map((entry, i) => {
    const by = kustomization.where(field, i);
    if (typeof entry === 'string') {
      // Kustomize takes it for a patch first, and for the path of one when it is none.
      const inline = readInline(entry);
      return {
        by,
        content:
          'values' in inline && inline.values.some(isRecord)
            ? inline
            : readFile(snapshot, kustomization.folder, entry),
      };
    }
    if (!isRecord(entry)) {
      return { by, content: { unreadable: 'a patch that is not a mapping' } };
    }
    const { patch, path, target, options } = entry;
    const content = (() => {
      if (typeof patch === 'string' && patch) {
        return readInline(patch);
      }
      return typeof path === 'string'
        ? readFile(snapshot, kustomization.folder, path)
        : { unreadable: 'a patch without content' };
    })();
    return { by, target: target ?? undefined, options, content };
  });
}

/** What is written in the place of a file. */
export function readInline(text: string): Patch['content'] {
  try {
    return { values: parseYaml(text).values.filter(value => value !== null) };
  } catch {
    return { unreadable: 'an inline patch that is not YAML' };
  }
}

/** A file that a kustomization names; only YAML files of the folder are at hand. */
export function readFile(
  snapshot: RepositorySnapshot,
  folder: string,
  path: string,
): Patch['content'] {
  const resolved = resolvePath(folder, path);
  if (resolved === undefined || !Object.hasOwn(snapshot.files, resolved)) {
    return { unreadable: path };
  }
  try {
    const { values } = parseYaml(snapshot.files[resolved].content);
    return { values: values.filter(value => value !== null) };
  } catch {
    return { unreadable: path };
  }
}
