import { stringify } from 'yaml';
import { SecretSlot } from './SecretWriter';

/** A tree of texts, in the order in which it is written. */
export interface TextTree {
  [key: string]: string | TextTree;
}

/**
 * The manifest of a Secret. Only `data` is used, never `stringData`: ciphertext there is valid text, so an engine that does
 * not decrypt would apply it without a word, while the API server refuses it in `data`.
 *
 * @param values - clear text by key
 */
export function toSecretManifest(
  slot: Pick<SecretSlot, 'name' | 'namespace' | 'labels'>,
  values: Record<string, string>,
): TextTree {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: slot.name,
      namespace: slot.namespace,
      ...(Object.keys(slot.labels).length > 0 && { labels: slot.labels }),
    },
    type: 'Opaque',
    data: Object.fromEntries(
      Object.entries(values).map(([key, value]) => [
        key,
        Buffer.from(value, 'utf8').toString('base64'),
      ]),
    ),
  };
}

/** The paths of all texts of a tree, in document order. */
export function leavesOf(tree: TextTree, above: string[] = []): string[][] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string'
      ? [[...above, key]]
      : leavesOf(value, [...above, key]),
  );
}

/** A manifest as people read it before it is written. */
export function writePreview(tree: TextTree): string {
  return stringify(tree, { lineWidth: 0 });
}
