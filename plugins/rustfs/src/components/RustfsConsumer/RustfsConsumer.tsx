import { Entity } from '@backstage/catalog-model';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { catalogApiRef } from '@backstage/plugin-catalog-react';
import {
  FieldExtensionComponentProps,
  makeFieldSchema,
} from '@backstage/plugin-scaffolder-react';
import { SecretForm, TenantOffer } from '@rustfs-portal/plugin-rustfs-common';
import { Select, TextField } from '@backstage/ui';
import { useState } from 'react';
import { useFillIn } from '../../hooks/useFillIn';
import { useLoaded } from '../../hooks/useLoaded';
import { useRequestOptions } from '../../hooks/useRequestOptions';
import { suggestSecretName } from '../../lib/accessNames';
import { ConsumerForm, readForm } from '../../lib/form';
import { rustfsTranslationRef } from '../../translation';
import { FieldFrame } from '../FieldFrame';
import { FieldNote } from '../FieldNote';
import styles from './RustfsConsumer.module.css';
import { validateConsumer } from './validateConsumer';

/** Says which namespace a workload runs in; Backstage's Kubernetes plugin reads it, too. */
const ANNOTATION_NAMESPACE = 'backstage.io/kubernetes-namespace';

/** The form whose keys a person names. */
const OWN_NAMES = 'plain';

/** Takes where the Secret with the key is to be, and in which form: filled in with what is usual. */
export function RustfsConsumer(
  props: FieldExtensionComponentProps<ConsumerForm>,
) {
  const { onChange, formContext, rawErrors } = props;
  const form = readForm(formContext?.formData);
  const { access, entityRef, tenant } = form;
  const consumer = form.consumer ?? {};
  // What the address has, or was written before Back was pressed, is not filled in anew.
  const [touched, setTouched] = useState<ReadonlySet<string>>(
    () =>
      new Set(
        consumer.secret &&
        access &&
        consumer.secret !== suggestSecretName(access)
          ? ['secret']
          : [],
      ),
  );
  const { t } = useTranslationRef(rustfsTranslationRef);
  const options = useRequestOptions(entityRef, tenant).value;
  const offer = options?.tenants.find(({ ref }) => ref === tenant);
  const entity = useEntityOf(entityRef);
  useUsualConsumer({
    offer: entity.isPending ? undefined : offer,
    entity: entity.value,
    access,
    consumer,
    touched,
    onChange,
  });

  if (!tenant) {
    return <FieldNote tone="plain">{t('form.needsTenant')}</FieldNote>;
  }
  const change = (next: ConsumerForm) => {
    setTouched(last => new Set([...last, ...Object.keys(next)]));
    onChange({ ...consumer, ...next });
  };
  const forms = (options?.secretForms ?? []).filter(
    ({ id }) => offer?.secretForms?.includes(id) ?? true,
  );
  const secretForm = forms.find(({ id }) => id === consumer.form);
  const clusters = [
    ...new Set(options?.tenants.map(({ ref }) => ref.split('/')[0])),
  ];
  const isInvalid = Boolean(rawErrors?.length);
  return (
    <FieldFrame>
      <div className={styles.fields}>
        {clusters.length > 1 && (
          <Select
            label={t('form.cluster')}
            description={t('form.clusterHint')}
            value={consumer.cluster ?? tenant.split('/')[0]}
            onChange={key => change({ cluster: String(key) })}
            options={clusters.map(value => ({ value, label: value }))}
          />
        )}
        {offer && (
          <Namespace
            offer={offer}
            namespace={consumer.namespace}
            isInvalid={isInvalid}
            onChange={namespace => change({ namespace })}
          />
        )}
        <TextField
          label={t('form.secretName')}
          description={t('form.secretNameHint')}
          isRequired
          validationBehavior="aria"
          isInvalid={isInvalid}
          autoComplete="off"
          spellCheck="false"
          value={consumer.secret ?? ''}
          onChange={secret => change({ secret })}
        />
        <Select
          label={t('form.secretForm')}
          description={secretForm?.description}
          value={consumer.form ?? null}
          // Names belong to the keys of one form.
          onChange={key => change({ form: String(key), names: undefined })}
          options={forms.map(({ id, title }) => ({ value: id, label: title }))}
        />
      </div>
      {secretForm && (
        <SecretKeys
          form={secretForm}
          names={consumer.names}
          onChange={names => change({ names })}
        />
      )}
    </FieldFrame>
  );
}

/** A namespace that the guardrails give: chosen where they name each, else written. */
function Namespace(props: {
  offer: TenantOffer;
  namespace: string | undefined;
  isInvalid: boolean;
  onChange: (namespace: string) => void;
}) {
  const { offer, namespace, isInvalid, onChange } = props;
  const { namespaces } = offer;
  const { t } = useTranslationRef(rustfsTranslationRef);
  if (!namespaces.length) {
    return <FieldNote tone="bad">{t('form.noNamespaces')}</FieldNote>;
  }
  if (namespaces.every(name => !name.endsWith('*'))) {
    return (
      <Select
        label={t('form.namespace')}
        description={t('form.namespaceHint')}
        isRequired
        validationBehavior="aria"
        isInvalid={isInvalid}
        value={namespace ?? null}
        onChange={key => onChange(String(key))}
        options={namespaces.map(value => ({ value, label: value }))}
      />
    );
  }
  const isAllowed = !namespace || fitsAny(namespace, namespaces);
  return (
    <div>
      <TextField
        label={t('form.namespace')}
        description={t('form.namespaceAllowed', {
          namespaces: namespaces.join(', '),
        })}
        isRequired
        validationBehavior="aria"
        isInvalid={isInvalid || !isAllowed}
        autoComplete="off"
        spellCheck="false"
        value={namespace ?? ''}
        onChange={onChange}
      />
      {!isAllowed && (
        <FieldNote tone="bad">
          {t('form.namespaceRefused', { namespace: namespace! })}
        </FieldNote>
      )}
    </div>
  );
}

/** The keys that the Secret will have; their names can be chosen in the form that is for that. */
function SecretKeys(props: {
  form: SecretForm;
  names: Record<string, string> | undefined;
  onChange: (names: Record<string, string> | undefined) => void;
}) {
  const { form, names = {}, onChange } = props;
  const { t } = useTranslationRef(rustfsTranslationRef);
  const keys = Object.keys(form.entries);
  if (form.id !== OWN_NAMES) {
    return (
      <div>
        <FieldNote tone="plain">{t('form.secretKeys')}</FieldNote>
        <ul className={styles.keys}>
          {keys.map(key => (
            <li key={key}>
              <code>{key}</code>
            </li>
          ))}
        </ul>
      </div>
    );
  }
  const rename = (key: string, name: string) => {
    const { [key]: _, ...others } = names;
    const next = name && name !== key ? { ...others, [key]: name } : others;
    onChange(Object.keys(next).length ? next : undefined);
  };
  return (
    <div
      className={styles.fields}
      role="group"
      aria-label={t('form.secretNames')}
    >
      {keys.map(key => (
        <TextField
          key={key}
          label={t('form.secretKeyName', { key })}
          size="small"
          autoComplete="off"
          spellCheck="false"
          placeholder={key}
          value={names[key] ?? ''}
          onChange={name => rename(key, name)}
        />
      ))}
    </div>
  );
}

function useEntityOf(entityRef: string | undefined) {
  const catalogApi = useApi(catalogApiRef);
  return useLoaded(entityRef, () => catalogApi.getEntityByRef(entityRef!));
}

/** Fills in what is usual as long as nobody wrote something else; a Secret has the name of its access. */
function useUsualConsumer(options: {
  offer: TenantOffer | undefined;
  entity: Entity | undefined;
  access: string | undefined;
  consumer: ConsumerForm;
  touched: ReadonlySet<string>;
  onChange: (consumer: ConsumerForm) => void;
}) {
  const { offer, entity, access, consumer, touched, onChange } = options;
  const { namespace, form } = consumer;
  const usual = offer && {
    ...consumer,
    ...(!touched.has('namespace') &&
      !(namespace && fitsAny(namespace, offer.namespaces)) && {
        namespace: usualNamespace(offer, entity) ?? namespace,
      }),
    ...(!touched.has('secret') &&
      access && { secret: suggestSecretName(access) }),
    form: form ?? usualForm(offer),
  };
  useFillIn<ConsumerForm>(usual, consumer, onChange);
}

/** Where the catalog says that the entity runs, if the guardrails give that; else the first that they name. */
function usualNamespace(
  { namespaces }: TenantOffer,
  entity: Entity | undefined,
): string | undefined {
  const annotated = entity?.metadata.annotations?.[ANNOTATION_NAMESPACE];
  return annotated && fitsAny(annotated, namespaces)
    ? annotated
    : namespaces.find(name => !name.endsWith('*'));
}

function usualForm({ secretForms }: TenantOffer): string | undefined {
  return !secretForms || secretForms.includes('aws') ? 'aws' : secretForms[0];
}

function fitsAny(name: string, patterns: string[]): boolean {
  return patterns.some(pattern =>
    pattern.endsWith('*')
      ? name.startsWith(pattern.slice(0, -1))
      : name === pattern,
  );
}

/** The form field `RustfsConsumer`. */
export const rustfsConsumer = {
  name: 'RustfsConsumer',
  component: RustfsConsumer,
  validation: validateConsumer,
  schema: makeFieldSchema({
    output: z =>
      z.object({
        cluster: z.string().optional(),
        namespace: z.string().optional(),
        secret: z.string().optional(),
        form: z.string().optional(),
        names: z.record(z.string(), z.string()).optional(),
      }),
  }),
};
