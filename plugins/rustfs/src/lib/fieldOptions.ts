import { z } from 'zod';

const uiSchema = z.object({
  'ui:options': z
    .object({ kind: z.string().default('bucket-create') })
    .default({ kind: 'bucket-create' }),
});

/** The kind of request that a form asks for: the option `kind` of its fields. */
export function kindOfField(props: { uiSchema?: object }): string {
  return uiSchema.parse(props.uiSchema ?? {})['ui:options'].kind;
}
