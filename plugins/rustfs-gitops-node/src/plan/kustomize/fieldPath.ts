/** A path to a field of a manifest; `*` stands for any key or index. */
export type FieldPath = string[];

/** Whether one of two paths leads to the other or to a part of it. */
export function meet(one: FieldPath, other: FieldPath): boolean {
  const length = Math.min(one.length, other.length);
  return one
    .slice(0, length)
    .every((key, i) => key === other[i] || key === '*');
}

/** RFC 6901; undefined when it is none. */
export function readPointer(pointer: unknown): FieldPath | undefined {
  if (typeof pointer !== 'string' || !/^(\/|$)/.test(pointer)) {
    return undefined;
  }
  return pointer
    .split('/')
    .slice(1)
    .map(key => key.replace(/~1/g, '/').replace(/~0/g, '~'));
}

/** A path as replacements write it: `spec.buckets.[name=x].name`, `metadata.annotations.acme\.org/x`. */
export function readDotted(path: string): FieldPath {
  return (path.match(/(\[[^\]]*\]|\\.|[^.\\])+/g) ?? []).map(key =>
    key.startsWith('[') ? '*' : key.replace(/\\(.)/g, '$1'),
  );
}

/** A path as field specs write it: `spec/buckets[]/name`. */
export function readFieldSpec(path: string): FieldPath {
  return path
    .split('/')
    .filter(Boolean)
    .flatMap(key => (key.endsWith('[]') ? [key.slice(0, -2), '*'] : [key]));
}
