import { folderOf } from '../plan/paths';
import { MadeElsewhere } from './types';
import { textAt, YamlDocument } from './yamlFiles';

const SCRIPT_EFFECT =
  'Its script runs again whenever its Job does, and says nothing of what it could not do';

/**
 * Commands of the usual clients that make a bucket or a user, as they stand in scripts of Jobs. Each reads a row in one way
 * only, so that no row takes long.
 */
const COMMANDS: Array<{ type: 'bucket' | 'user'; command: RegExp }> = [
  {
    type: 'bucket',
    command:
      /\b(?:mc|rc|mcli)\s+(?:-[\w-]+\s+)*mb\s+(?:-[\w-]+\s+)*"?[\w.-]+\/([a-z0-9][a-z0-9.-]+)/g,
  },
  { type: 'bucket', command: /\bs3\s+mb\s+"?s3:\/\/([a-z0-9][a-z0-9.-]+)/g },
  {
    type: 'bucket',
    command:
      /\bs3api\s+create-bucket\b(?:(?!\bs3api\b).)*?--bucket[ =]"?([a-z0-9][a-z0-9.-]+)/g,
  },
  {
    type: 'user',
    command:
      /\b(?:mc|rc|mcli)\s+admin\s+user\s+add\s+"?[\w.-]+"?\s+"?([\w.-]+)/g,
  },
];

/**
 * What scripts in manifests make, and in templates whose results are not there, line by line: they are in no format of
 * their own.
 *
 * @param documents - those of the file, as far as it can be read
 */
export function findInScripts(
  path: string,
  text: string,
  documents: YamlDocument[],
): MadeElsewhere[] {
  const starts = documents.map(document => ({
    line: document.lineAt([]),
    namespace: textAt(document.value, ['metadata', 'namespace']),
  }));
  return text.split(/\r?\n/).flatMap((row, i) => {
    if (/^\s*(#|\/\/)/.test(row)) {
      return [];
    }
    return COMMANDS.flatMap(({ type, command }) =>
      [...row.matchAll(command)].map(([, name]) => ({
        type,
        name,
        by: 'a script',
        effect: SCRIPT_EFFECT,
        folder: folderOf(path),
        namespace: starts.findLast(({ line }) => line <= i + 1)?.namespace,
        lines: [{ path, from: i + 1, to: i + 1 }],
      })),
    );
  });
}
