import { RepositorySnapshot } from '../types';
import { parseYaml, YamlProblem } from '../yaml';
import { Refused } from './Refused';

/**
 * The documents of a file that has to be readable.
 *
 * @throws Refused
 */
export function readValues(
  snapshot: RepositorySnapshot,
  path: string,
): unknown[] {
  try {
    return parseYaml(snapshot.files[path].content).values;
  } catch (error) {
    throw refuseYaml(path, error);
  }
}

/** Says in which file and line a YAML problem is. */
export function refuseYaml(path: string, error: unknown): unknown {
  if (!(error instanceof YamlProblem)) {
    return error;
  }
  const place = `${path}:${error.line}`;
  return new Refused(
    error.kind === 'format' ? 'unsupported' : 'not-parsable',
    `${place} ${error.message}`,
    { places: [place] },
  );
}
