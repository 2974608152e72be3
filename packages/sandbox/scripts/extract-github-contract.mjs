/**
 * Takes out of GitHub's published descriptions what the portal's calls need, for src/forge/github/contract.
 *
 *   npm pack @octokit/openapi @octokit/graphql-schema   # both MIT; unpack them somewhere
 *   node scripts/extract-github-contract.mjs <folder of @octokit/openapi> <folder of @octokit/graphql-schema>
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Kind, parse, print, visit } from 'graphql';

const [openapiFolder, graphqlFolder] = process.argv.slice(2);
const target = new URL('../src/forge/github/contract/', import.meta.url)
  .pathname;
const versionOf = folder => {
  const { name, version } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  );
  return `${name} ${version}`;
};

const R = '/repos/{owner}/{repo}';
const OPERATIONS = [
  ['get', R],
  ['get', `${R}/git/ref/{ref}`],
  ['get', `${R}/git/trees/{tree_sha}`],
  ['get', `${R}/git/blobs/{file_sha}`],
  ['post', `${R}/git/trees`],
  ['post', `${R}/git/commits`],
  ['get', `${R}/pulls`],
  ['post', `${R}/pulls`],
  ['get', `${R}/pulls/{pull_number}`],
  ['patch', `${R}/pulls/{pull_number}`],
  ['get', `${R}/pulls/{pull_number}/requested_reviewers`],
  ['post', `${R}/pulls/{pull_number}/requested_reviewers`],
  ['get', `${R}/compare/{basehead}`],
  ['post', `${R}/statuses/{sha}`],
  ['get', `${R}/rules/branches/{branch}`],
];

/** Prose is of no use to a validator, and is most of the text. */
const PROSE = ['description', 'example', 'examples', 'externalDocs', 'title'];

function toSchema(value, isNameMap = false) {
  if (Array.isArray(value)) {
    return value.map(item => toSchema(item));
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const schema = Object.fromEntries(
    Object.entries(value)
      .filter(
        ([key]) =>
          isNameMap ||
          !(PROSE.includes(key) || key === 'nullable' || key.startsWith('x-')),
      )
      .map(([key, item]) => [
        key,
        ['enum', 'required', 'default'].includes(key) && !isNameMap
          ? item
          : toSchema(item, key === 'properties' && !isNameMap),
      ]),
  );
  if (isNameMap || value.nullable !== true) {
    return schema;
  }
  // OpenAPI 3.0 says it with a word of its own.
  if (schema.type) {
    return {
      ...schema,
      type: [schema.type, 'null'],
      ...(schema.enum && { enum: [...schema.enum, null] }),
    };
  }
  return { anyOf: [schema, { type: 'null' }] };
}

function extractOpenapi() {
  const api = JSON.parse(
    readFileSync(join(openapiFolder, 'generated/api.github.com.json'), 'utf8'),
  );
  const resolve = value =>
    value?.$ref
      ? value.$ref
          .slice(2)
          .split('/')
          .reduce((at, key) => at[key], api)
      : value;
  const jsonOf = content => content?.['application/json']?.schema;
  const operations = OPERATIONS.map(([method, path]) => {
    const shared = api.paths[path].parameters ?? [];
    const { parameters = [], requestBody, responses } = api.paths[path][method];
    return {
      method: method.toUpperCase(),
      path,
      query: Object.fromEntries(
        [...shared, ...parameters]
          .map(resolve)
          .filter(({ in: where }) => where === 'query')
          .map(({ name, schema }) => [name, toSchema(schema)]),
      ),
      ...(requestBody && {
        body: toSchema(jsonOf(resolve(requestBody).content)),
      }),
      answers: Object.fromEntries(
        Object.entries(responses).map(([status, response]) => [
          status,
          toSchema(jsonOf(resolve(response).content)) ?? true,
        ]),
      ),
    };
  });
  const schemas = {};
  const queue = [operations];
  while (queue.length) {
    JSON.stringify(queue.pop(), (key, value) => {
      const name =
        key === '$ref' && /^#\/components\/schemas\/(.*)$/.exec(value)?.[1];
      if (name && !schemas[name]) {
        schemas[name] = toSchema(api.components.schemas[name]);
        queue.push(schemas[name]);
      }
      return value;
    });
  }
  return {
    source: `${versionOf(openapiFolder)}, generated/api.github.com.json, MIT`,
    operations,
    components: { schemas },
  };
}

const TYPES = [
  'Query',
  'Mutation',
  'Repository',
  'Ref',
  'GitObject',
  'Commit',
  'CommitConnection',
  'Tree',
  'TreeEntry',
  'Blob',
  'GitActor',
  'Actor',
  'User',
  'Bot',
  'Mannequin',
  'Team',
  'Organization',
  'PullRequest',
  'PullRequestConnection',
  'PullRequestCommit',
  'PullRequestCommitConnection',
  'PullRequestReview',
  'PullRequestReviewConnection',
  'ReviewRequest',
  'ReviewRequestConnection',
  'RequestedReviewer',
  'StatusCheckRollup',
  'StatusCheckRollupContext',
  'StatusCheckRollupContextConnection',
  'CheckRun',
  'StatusContext',
  'UpdateRefsPayload',
];
/** Of the roots. */
const FIELDS = { Query: ['repository'], Mutation: ['updateRefs'] };
const BUILT_IN = ['ID', 'Int', 'String', 'Boolean', 'Float'];

function extractGraphql() {
  const document = parse(
    readFileSync(join(graphqlFolder, 'schema.graphql'), 'utf8'),
  );
  const byName = new Map(
    document.definitions.map(node => [node.name?.value, node]),
  );
  const nameOf = type =>
    type.kind === Kind.NAMED_TYPE ? type.name.value : nameOf(type.type);
  const isLeaf = name =>
    BUILT_IN.includes(name) ||
    [
      Kind.SCALAR_TYPE_DEFINITION,
      Kind.ENUM_TYPE_DEFINITION,
      Kind.INPUT_OBJECT_TYPE_DEFINITION,
    ].includes(byName.get(name)?.kind);
  const isKept = name => TYPES.includes(name) || isLeaf(name);
  const wanted = new Set(TYPES);
  const definitions = [];
  // What is found on the way is added at the end, and looked at in turn.
  for (const name of wanted) {
    const node = visit(byName.get(name), {
      StringValue: (_, key) => (key === 'description' ? null : undefined),
      Directive: () => null,
      FieldDefinition: {
        leave: field =>
          isKept(nameOf(field.type)) &&
          (FIELDS[name]?.includes(field.name.value) ?? true)
            ? undefined
            : null,
      },
    });
    const trimmed = {
      ...node,
      ...(node.interfaces && {
        interfaces: node.interfaces.filter(({ name: { value } }) =>
          TYPES.includes(value),
        ),
      }),
      ...(node.types && {
        types: node.types.filter(({ name: { value } }) =>
          TYPES.includes(value),
        ),
      }),
    };
    definitions.push(trimmed);
    visit(trimmed, {
      NamedType({ name: { value } }) {
        if (isLeaf(value) && !BUILT_IN.includes(value)) {
          wanted.add(value);
        }
      },
    });
  }
  return {
    source: `${versionOf(graphqlFolder)}, schema.graphql, MIT`,
    lines: print({ kind: Kind.DOCUMENT, definitions }).split('\n'),
  };
}

writeFileSync(
  join(target, 'openapi.json'),
  `${JSON.stringify(extractOpenapi())}\n`,
);
writeFileSync(
  join(target, 'graphql.json'),
  `${JSON.stringify(extractGraphql(), null, 1)}\n`,
);
writeFileSync(
  join(target, 'LICENSE.md'),
  `# What GitHub publishes

The files beside this one are extracts, made by \`scripts/extract-github-contract.mjs\`.

## openapi.json: ${versionOf(openapiFolder)}

${readFileSync(join(openapiFolder, 'LICENSE'), 'utf8').trim()}

## graphql.json: ${versionOf(graphqlFolder)}

${readFileSync(join(graphqlFolder, 'LICENSE.md'), 'utf8').trim()}
`,
);
