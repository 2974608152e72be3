import { isNode } from 'yaml';
import { z } from 'zod';
import { RepositorySnapshot } from '../../../types';
import { parseYaml } from '../../../yaml';
import { LISTS } from '../../kustomize/lists';
import { RenderedObject } from '../../kustomize/RenderedObject';
import { Substituted } from '../../substitute';

/** An entry of `spec.buckets`, as it reaches the cluster. Its name alone says which bucket it is. */
export interface DeclaredBucket {
  /** Undefined when it has none. */
  name?: string;
  /** Whether a name may be that of the entry, where Flux puts in what nobody here knows. */
  fits: (name: string) => boolean;
  /** As written: `true` and `false` are what the operator takes. */
  objectLock: unknown;
  /** As written; undefined where the entry does not say it. */
  versioning: unknown;
  /** Leads to the entry in its document; undefined where a patch adds it. */
  at?: Array<string | number>;
  written: string;
  line: number;
}

const entrySchema = z.looseObject({ name: z.string() });

/** The name by which an entry stands in the list. */
export function keyOfEntry(item: unknown): string | undefined {
  return entrySchema.safeParse(item).data?.name;
}

/** The list of a Tenant: what stands in the manifest, and what patches add behind it. */
export function readList(
  snapshot: RepositorySnapshot,
  object: RenderedObject,
  substitute: (text: string) => Substituted,
): DeclaredBucket[] {
  const { documents, lines } = parseYaml(snapshot.files[object.path].content);
  const document = documents[object.document];
  const spec = object.manifest.spec as Record<string, unknown> | undefined;
  const own = Array.isArray(spec?.buckets) ? spec.buckets : [];
  return [...own, ...object.appended].map((item: unknown, i) => {
    const node = document.getIn([...object.at, ...LISTS.buckets, i], true);
    const offset = isNode(node) ? node.range?.[0] : undefined;
    const entry = entrySchema.safeParse(item).data;
    const { text, fits } = substitute(
      entry?.name ?? (typeof item === 'string' ? item : ''),
    );
    return {
      name: entry && text,
      fits: entry || typeof item === 'string' ? fits : () => false,
      objectLock: entry?.objectLock ?? false,
      versioning: entry?.versioning ?? undefined,
      ...(i < own.length && { at: [...object.at, ...LISTS.buckets, i] }),
      written: entry?.name ?? '',
      line: offset === undefined ? object.line : lines.linePos(offset).line,
    };
  });
}
