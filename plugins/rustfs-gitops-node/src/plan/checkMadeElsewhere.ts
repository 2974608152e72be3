import {
  accessEntryName,
  BlueprintFinding,
  Declaration,
} from '@rustfs-portal/plugin-rustfs-common';
import { DeclarationTarget } from '../types';
import { ListedLines, MadeElsewhere } from '../recognize/types';
import { isBelow, normalizeFolder } from './paths';
import { Refused } from './Refused';

/**
 * Two that make one thing undo what the other does. Ending an access is never refused: that is said of its user, whoever
 * made him.
 *
 * @returns what has to be known where it may be another server for which it is made, or where that cannot be seen
 * @throws Refused with the lines to take out, where it is made for the tenant
 */
export function checkMadeElsewhere(
  declarations: Declaration[],
  target: DeclarationTarget,
): BlueprintFinding[] {
  const { hidden = [], madeElsewhere = [], unseen } = target;
  const same = declarations.flatMap(declaration =>
    madeElsewhere.filter(({ type, name }) =>
      makesSame(declaration, type, name),
    ),
  );
  const own = same.find(made => isOfTenant(made, target));
  if (own) {
    throw refuse(own);
  }
  const isNew = declarations.some(
    declaration =>
      declaration.type === 'bucket' ||
      (declaration.type === 'access' && declaration.state !== 'revoked'),
  );
  return [
    ...same.map(({ by, lines, name, type }) => ({
      code: 'made-elsewhere' as const,
      message: `${titleOf(type)} ${name} is made by ${by} too (${writeLines(
        lines,
      )}), as it seems for another server; if it is for this one, take it out there`,
    })),
    ...(isNew
      ? hidden
          .filter(list => isOfTenant(list, target))
          .map(({ because, by, place }) => ({
            code: 'not-seen' as const,
            message: `What ${by} makes cannot be seen (${place}): ${because}. If it makes the same, each undoes what the other does`,
          }))
      : []),
    ...(isNew && unseen
      ? [{ code: 'not-seen' as const, message: unseen }]
      : []),
  ];
}

/**
 * Whether something is made for the server of the tenant. In a repository of several clusters others make what is called
 * the same.
 */
function isOfTenant(
  { folder, namespace }: Pick<MadeElsewhere, 'folder' | 'namespace'>,
  { folder: applied, installed, others = [], tenant }: DeclarationTarget,
): boolean {
  if (installed && isWithin(folder, installed.folder)) {
    return true;
  }
  const isOfCluster = [applied, ...others.map(other => other.folder)].some(
    place => isWithin(folder, place),
  );
  // The server is declared in its own folder: what no folder of its cluster holds is for another.
  if (installed?.holdsServer && !isOfCluster) {
    return false;
  }
  return namespace === undefined || namespace === tenant.namespace;
}

function isWithin(folder: string, place: string): boolean {
  const normal = normalizeFolder(place);
  return folder === normal || isBelow(folder, normal);
}

function makesSame(
  declaration: Declaration,
  type: MadeElsewhere['type'],
  name: string,
): boolean {
  if (declaration.type === 'bucket') {
    return type === 'bucket' && name === declaration.name;
  }
  if (declaration.type === 'blueprint' || declaration.state === 'revoked') {
    return false;
  }
  return type === 'user'
    ? name === declaration.accessKeyId
    : type === 'policy' && name === accessEntryName(declaration.name);
}

function titleOf(type: MadeElsewhere['type']): string {
  return type === 'bucket' ? 'Bucket' : `The ${type}`;
}

/** Never with the text of those lines, which may hold passwords: what is refused is kept, logged and shown. */
function refuse({ by, effect, lines, name, type }: MadeElsewhere): Refused {
  return new Refused(
    'made-elsewhere',
    `${titleOf(
      type,
    )} ${name} is made by ${by} too. ${effect}. Take it out there first (${writeLines(
      lines,
    )}), and ask again once that is applied`,
    {
      field: type === 'bucket' ? 'bucket' : 'access',
      places: lines.map(({ path, from, template }) =>
        template === undefined ? `${path}:${from}` : template,
      ),
    },
  );
}

function writeLines(lines: ListedLines[]): string {
  return lines
    .map(({ path, from, template, to }) => {
      const rows = from === to ? `line ${from}` : `lines ${from} to ${to}`;
      return template === undefined
        ? `${path}, ${rows}`
        : `${template}, which is rendered to ${path}, ${rows}`;
    })
    .join('; ');
}
