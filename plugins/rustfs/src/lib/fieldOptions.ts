import { z } from 'zod';

const options = z.object({
  kind: z.string().default('bucket-create'),
  brings: z.string().optional(),
});

const uiSchema = z.object({
  'ui:options': options.default({ kind: 'bucket-create' }),
});

/** The kind of request that a form asks for: the option `kind` of its fields. */
export function kindOfField(props: { uiSchema?: object }): string {
  return readOptions(props).kind;
}

/**
 * All kinds that a form asks for in one request: an access that brings its bucket has the option `brings: bucket-create`,
 * since it takes what a request for the bucket takes.
 */
export function kindsOfField(props: { uiSchema?: object }): string[] {
  const { brings, kind } = readOptions(props);
  return brings ? [kind, brings] : [kind];
}

function readOptions({ uiSchema: ui = {} }: { uiSchema?: object }) {
  return uiSchema.parse(ui)['ui:options'];
}
