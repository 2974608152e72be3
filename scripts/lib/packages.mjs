// What has to hold for a package before somebody else can install it.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';

// More than that means that something was packed that is not ours. Two thirds of a package are source maps.
const MAX_PACKED_BYTES = 768 * 1024;
const DEPENDENCIES = [
  'dependencies',
  'peerDependencies',
  'optionalDependencies',
  'devDependencies',
];
const ONLY_HERE = /^(workspace|backstage|link|file|portal|patch):/;
const TEST_FILE =
  /(^|\/)(__tests__|__fixtures__|__testUtils__|__mocks__|__snapshots__)\/|\.(test|spec|stories)\.[^/]+$|(^|\/)setupTests\./;

/**
 * Looks at an unpacked package as it would be installed.
 *
 * @param directory - where the content of the tarball lies
 * @param packedBytes - size of the tarball
 * @param license - the text that its LICENSE has to be
 * @param root - a path that must occur in no file, as it is one of this machine
 * @returns one sentence per problem, none when the package is fit to be published
 */
export function findPackageProblems({ directory, packedBytes, license, root }) {
  const files = listFiles(directory);
  const read = file => readFileSync(join(directory, file), 'utf8');
  const manifest = JSON.parse(read('package.json'));
  const problems = [
    ...manifestProblems(manifest),
    ...entryProblems(manifest, files),
    ...importProblems(manifest, files, read),
  ];
  if (!files.includes('LICENSE')) {
    problems.push('There is no LICENSE.');
  } else if (read('LICENSE') !== license) {
    problems.push('LICENSE is not that of the repository.');
  }
  if (!files.includes('README.md') || read('README.md').length < 200) {
    problems.push('There is no README.md, or next to nothing in it.');
  }
  for (const file of files.filter(name => TEST_FILE.test(name))) {
    problems.push(`${file} is for tests only.`);
  }
  for (const file of files.filter(name => read(name).includes(root))) {
    problems.push(`${file} names a path of this machine.`);
  }
  if (packedBytes > MAX_PACKED_BYTES) {
    problems.push(
      `It is ${packedBytes} bytes large; ${MAX_PACKED_BYTES} are allowed.`,
    );
  }
  return problems;
}

function listFiles(directory) {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry =>
      relative(directory, join(entry.parentPath, entry.name)).replaceAll(
        '\\',
        '/',
      ),
    );
}

function manifestProblems(manifest) {
  const problems = [];
  const { role, pluginId } = manifest.backstage ?? {};
  const wanted = {
    version: manifest.version,
    description: manifest.description,
    license: manifest.license,
    'repository.url': manifest.repository?.url,
    'repository.directory': manifest.repository?.directory,
    'backstage.role': role,
    'backstage.pluginId': pluginId,
    'keywords (backstage)': manifest.keywords?.includes('backstage'),
  };
  for (const [name, value] of Object.entries(wanted)) {
    if (!value) {
      problems.push(`package.json has no ${name}.`);
    }
  }
  if (manifest.private) {
    problems.push('package.json says that it is private.');
  }
  if (manifest.devDependencies) {
    problems.push('package.json has devDependencies, which nobody else needs.');
  }
  for (const kind of DEPENDENCIES) {
    for (const [name, range] of Object.entries(manifest[kind] ?? {})) {
      if (ONLY_HERE.test(range)) {
        problems.push(
          `${kind} has ${name} as "${range}", which means nothing elsewhere.`,
        );
      }
    }
  }
  return problems;
}

/** What package.json points at is in the package. */
function entryProblems(manifest, files) {
  const pointers = {
    main: manifest.main,
    module: manifest.module,
    types: manifest.types,
    exports: manifest.exports,
    typesVersions: manifest.typesVersions,
    configSchema:
      typeof manifest.configSchema === 'string'
        ? manifest.configSchema
        : undefined,
  };
  return Object.entries(pointers).flatMap(([name, value]) =>
    leaves(value)
      .filter(path => !files.includes(path.replace(/^\.\//, '')))
      .map(
        path => `${name} of package.json points at ${path}, which is missing.`,
      ),
  );
}

function leaves(value) {
  if (typeof value === 'string') {
    return [value];
  }
  // Backstage notes the kind of what an entry exports under `backstage`.
  return Object.entries(value ?? {})
    .filter(([key]) => key !== 'backstage')
    .flatMap(([, inner]) => leaves(inner));
}

/** What the code and its types import comes with the package, or from whoever installs it. */
function importProblems(manifest, files, read) {
  const declared = new Set([
    manifest.name,
    ...Object.keys(manifest.dependencies ?? {}),
    ...Object.keys(manifest.peerDependencies ?? {}),
  ]);
  const missing = new Map();
  for (const file of files.filter(name =>
    /\.([cm]?js|d\.[cm]?ts)$/.test(name),
  )) {
    const { importedFiles, typeReferenceDirectives } = ts.preProcessFile(
      read(file),
      true,
      true,
    );
    for (const { fileName } of [...importedFiles, ...typeReferenceDirectives]) {
      const name = packageOf(fileName);
      if (name && !declared.has(name) && !missing.has(name)) {
        missing.set(name, `${file} imports ${name}, which is no dependency.`);
      }
      // A package without types of its own has them in another one.
      const types = name && `@types/${name.replace(/^@(.*)\//, '$1__')}`;
      if (
        /\.d\.[cm]?ts$/.test(file) &&
        types &&
        declared.has(name) &&
        !(name in (manifest.peerDependencies ?? {})) &&
        !declared.has(types) &&
        isInstalled(types)
      ) {
        missing.set(types, `${file} needs ${types}, which is no dependency.`);
      }
    }
  }
  return [...missing.values()];
}

function packageOf(specifier) {
  if (specifier.startsWith('.') || isBuiltin(specifier)) {
    return undefined;
  }
  const [scope, name] = specifier.split('/');
  return scope.startsWith('@') ? `${scope}/${name}` : scope;
}

function isInstalled(name) {
  return existsSync(
    join(dirname(import.meta.dirname), '..', 'node_modules', name),
  );
}
