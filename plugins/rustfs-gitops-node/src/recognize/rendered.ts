import { isBelow, joinPath } from '../plan/paths';

const TEMPLATE = /\.(j2|jinja2?|tmpl|gotmpl)$/;

/** Whether a file is a template by its name. */
export function isTemplate(path: string): boolean {
  return TEMPLATE.test(path);
}

/**
 * The files of a repository that are rendered from templates in it. A folder of templates is found by what lies elsewhere
 * under the same names; then every template in it counts, also one whose result is not there now.
 *
 * @param paths - of all files
 * @returns by path of the result: the path of the template
 * @public
 */
export function findRendered(paths: string[]): Record<string, string> {
  const templates = paths.filter(path => TEMPLATE.test(path));
  const results = new Map<string, string[][]>();
  for (const path of paths) {
    if (!TEMPLATE.test(path)) {
      const parts = path.split('/');
      const name = parts.at(-1)!;
      results.set(name, [...(results.get(name) ?? []), parts]);
    }
  }
  const roots = new Map<string, string>();
  for (const template of templates) {
    const parts = template.replace(TEMPLATE, '').split('/');
    const [best] = (results.get(parts.at(-1)!) ?? [])
      .map(result => ({ result, common: countCommon(parts, result) }))
      .sort((a, b) => b.common - a.common);
    // One name in common may be chance, unless nothing but the folder of templates is different.
    if (best && (best.common > 1 || best.common === best.result.length)) {
      const from = parts.slice(0, parts.length - best.common).join('/');
      const to = best.result.slice(0, best.result.length - best.common);
      if (!roots.has(from)) {
        roots.set(from, to.join('/'));
      }
    }
  }
  // The widest folders say most; a template counts for one.
  const widest = [...roots]
    .sort(([a], [b]) => a.length - b.length)
    .filter(
      ([from], i, all) =>
        !all.slice(0, i).some(([other]) => other && isBelow(from, other)),
    );
  return Object.fromEntries(
    templates.flatMap(template => {
      const root = widest.find(([from]) => isBelow(template, from));
      if (!root) {
        return [];
      }
      const [from, to] = root;
      const rest = template
        .slice(from ? from.length + 1 : 0)
        .replace(TEMPLATE, '');
      return [[joinPath(to, rest), template]];
    }),
  );
}

function countCommon(a: string[], b: string[]): number {
  let count = 0;
  while (
    count < Math.min(a.length, b.length) &&
    a.at(-1 - count) === b.at(-1 - count)
  ) {
    count += 1;
  }
  return count;
}
