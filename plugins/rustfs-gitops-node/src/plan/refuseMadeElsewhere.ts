import {
  accessEntryName,
  Declaration,
} from '@rustfs-portal/plugin-rustfs-common';
import { DeclarationTarget } from '../types';
import { MadeElsewhere } from '../recognize/types';
import { Refused } from './Refused';

/**
 * Two that make one thing undo what the other does. Ending an access is never refused: that is said of its user, whoever
 * made him.
 *
 * @throws Refused with the lines to take out
 */
export function refuseMadeElsewhere(
  declarations: Declaration[],
  { madeElsewhere = [] }: DeclarationTarget,
): void {
  for (const declaration of declarations) {
    const made = madeElsewhere.find(({ type, name }) =>
      makesSame(declaration, type, name),
    );
    if (made) {
      throw refuse(made);
    }
  }
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

/** Never with the text of those lines, which may hold passwords: what is refused is kept, logged and shown. */
function refuse({ by, effect, lines, name, type }: MadeElsewhere): Refused {
  const rows = lines.map(
    ({ path, from, to }) =>
      `${path}, ${from === to ? `line ${from}` : `lines ${from} to ${to}`}`,
  );
  return new Refused(
    'made-elsewhere',
    `${
      type === 'bucket' ? 'Bucket' : `The ${type}`
    } ${name} is made by ${by} too. ${effect}. Take it out there first (${rows.join(
      '; ',
    )}), and ask again once that is applied`,
    {
      field: type === 'bucket' ? 'bucket' : 'access',
      places: lines.map(({ path, from }) => `${path}:${from}`),
    },
  );
}
