import { FieldExtensionComponentProps } from '@backstage/plugin-scaffolder-react';
import { ComponentType, useState } from 'react';

/** Holds the values of a form around one of its fields, as the scaffolder does. */
export function FormHarness<T>(props: {
  field: ComponentType<FieldExtensionComponentProps<T>>;
  name: string;
  initial: Record<string, unknown>;
  onForm?: (form: Record<string, unknown>) => void;
  rawErrors?: string[];
  /** The `ui:options` of the field in its template. */
  options?: object;
}) {
  const { field: Field, name, initial, onForm, rawErrors = [] } = props;
  const { options } = props;
  const [form, setForm] = useState(initial);
  const fieldProps = {
    schema: {},
    uiSchema: options ? { 'ui:options': options } : {},
    required: true,
    rawErrors,
    formData: form[name],
    formContext: { formData: form },
    onChange: (value: unknown) => {
      const next = { ...form, [name]: value };
      setForm(next);
      onForm?.(next);
    },
  };
  // The rest of what the form hands to a field is of no use to these.
  return (
    <Field {...(fieldProps as unknown as FieldExtensionComponentProps<T>)} />
  );
}
