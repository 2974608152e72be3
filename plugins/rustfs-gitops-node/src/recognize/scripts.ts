import { MadeElsewhere } from './types';

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

/** What scripts in manifests make, and in templates of manifests, line by line: they are in no format of their own. */
export function findInScripts(
  path: string,
  text: string,
  rendered: Record<string, string>,
): MadeElsewhere[] {
  // The template is what has to be changed; its result follows.
  if (Object.hasOwn(rendered, path)) {
    return [];
  }
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
        lines: [{ path, from: i + 1, to: i + 1 }],
      })),
    );
  });
}
