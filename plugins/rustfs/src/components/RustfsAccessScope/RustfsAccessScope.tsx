import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  FieldExtensionComponentProps,
  makeFieldSchema,
} from '@backstage/plugin-scaffolder-react';
import { BucketView, scopeCovers } from '@rustfs-portal/plugin-rustfs-common';
import { Button, Select, TextField } from '@backstage/ui';
import { useState } from 'react';
import { useFillIn } from '../../hooks/useFillIn';
import { useRequestOptions } from '../../hooks/useRequestOptions';
import { useTenantStorage } from '../../hooks/useTenantStorage';
import { describeError } from '../../lib/errors';
import { chosenScope, readForm, ScopeForm } from '../../lib/form';
import { rustfsTranslationRef } from '../../translation';
import { EntityName } from '../EntityName';
import { FieldFrame } from '../FieldFrame';
import { FieldNote } from '../FieldNote';
import { Placeholder } from '../Placeholder';
import styles from './RustfsAccessScope.module.css';
import { validateAccessScope } from './validateAccessScope';

const TYPES = ['buckets', 'prefix', 'pattern'] as const;

/** Chooses what an access reaches, and says whose approval that needs. */
export function RustfsAccessScope(
  props: FieldExtensionComponentProps<ScopeForm>,
) {
  const { onChange, formContext, rawErrors } = props;
  const { entityRef, tenant, scope } = readForm(formContext?.formData);
  const { t } = useTranslationRef(rustfsTranslationRef);
  const owner = useRequestOptions(entityRef, tenant).value?.owner;
  const storage = useTenantStorage({ entityRef, tenant });
  const buckets = storage.value?.buckets;
  const type = scope?.type ?? 'buckets';

  const own = buckets?.filter(bucket => bucket.owner === owner);
  const only = own?.length === 1 ? own[0].name : undefined;
  const isUntouched = !scope?.buckets && type === 'buckets';
  // The usual access is to the only bucket that there is.
  useFillIn<ScopeForm>(
    only && isUntouched ? { type: 'buckets', buckets: [only] } : undefined,
    scope,
    onChange,
  );

  if (!tenant) {
    return <FieldNote tone="plain">{t('form.needsTenant')}</FieldNote>;
  }
  if (storage.isPending) {
    return <Placeholder height={120} />;
  }
  const change = (next: Partial<ScopeForm>) =>
    onChange({ ...scope, type, ...next });
  const options = toOptions({
    buckets: buckets ?? [],
    owner,
    ofOthers: t('form.scopeOfOthers'),
    // Those that were named without being seen.
    named: [
      ...(scope?.buckets ?? []),
      ...(scope?.bucket ? [scope.bucket] : []),
    ],
  });
  const isInvalid = Boolean(rawErrors?.length);
  return (
    <FieldFrame>
      <Select
        label={t('form.scopeType')}
        size="small"
        value={type}
        // What was chosen for another type is not asked for.
        onChange={key => onChange({ type: key as ScopeForm['type'] })}
        options={TYPES.map(value => ({
          value,
          label: t(`form.scope.${value}`),
        }))}
      />
      {type === 'buckets' && (
        <Select
          label={t('form.scopeBuckets')}
          selectionMode="multiple"
          search={{ placeholder: t('bucket.search') }}
          placeholder={t('form.scopeChoose')}
          isRequired
          validationBehavior="aria"
          isInvalid={isInvalid}
          value={scope?.buckets ?? []}
          onChange={keys => change({ buckets: keys.map(String) })}
          options={options}
        />
      )}
      {type === 'buckets' && (
        <OtherBucket
          onAdd={name =>
            change({ buckets: [...new Set([...(scope?.buckets ?? []), name])] })
          }
        />
      )}
      {type === 'pattern' && (
        <TextField
          label={t('form.scopePattern')}
          description={t('form.scopePatternHint')}
          isRequired
          validationBehavior="aria"
          isInvalid={isInvalid}
          autoComplete="off"
          spellCheck="false"
          value={scope?.pattern ?? ''}
          onChange={pattern => change({ pattern })}
        />
      )}
      {type === 'prefix' && (
        <>
          <Select
            label={t('form.scopeBucket')}
            search={{ placeholder: t('bucket.search') }}
            placeholder={t('form.scopeChoose')}
            isRequired
            validationBehavior="aria"
            isInvalid={isInvalid}
            value={scope?.bucket ?? null}
            onChange={key => change({ bucket: String(key) })}
            options={options}
          />
          <TextField
            label={t('form.scopePrefix')}
            description={t('form.scopePrefixHint')}
            isRequired
            validationBehavior="aria"
            isInvalid={isInvalid}
            autoComplete="off"
            spellCheck="false"
            value={scope?.prefix ?? ''}
            onChange={prefix => change({ prefix })}
          />
        </>
      )}
      {storage.error && (
        <FieldNote tone="warning">
          {t('form.bucketsFailed', {
            message: describeError(storage.error).message,
          })}
        </FieldNote>
      )}
      {buckets && buckets.length === 0 && (
        <FieldNote tone="plain">{t('form.noBuckets')}</FieldNote>
      )}
      <div role="status">
        <Approvals
          form={readForm(formContext?.formData)}
          buckets={buckets ?? []}
          owner={owner}
        />
      </div>
    </FieldFrame>
  );
}

/** Whose buckets are among the chosen ones: each of them has to agree. */
function Approvals(props: {
  form: ReturnType<typeof readForm>;
  buckets: BucketView[];
  owner: string | undefined;
}) {
  const { form, buckets, owner } = props;
  const { t } = useTranslationRef(rustfsTranslationRef);
  const scope = chosenScope(form);
  const unseen = (scope?.type === 'buckets' ? scope.buckets : []).filter(
    name => !buckets.some(bucket => bucket.name === name),
  );
  const foreign = new Map<string | undefined, string[]>();
  for (const bucket of buckets) {
    if (scope && bucket.owner !== owner && scopeCovers(scope, bucket.name)) {
      foreign.set(bucket.owner, [
        ...(foreign.get(bucket.owner) ?? []),
        bucket.name,
      ]);
    }
  }
  return (
    <>
      {unseen.length > 0 && !form.bucket && (
        <FieldNote tone="warning">
          {t('form.scopeUnseen', { buckets: unseen.join(', ') })}
        </FieldNote>
      )}
      {[...foreign].map(([other, names]) =>
        other ? (
          <FieldNote key={other} tone="warning">
            <EntityName entityRef={other} />{' '}
            {t('form.scopeApproval', { buckets: names.join(', ') })}
          </FieldNote>
        ) : (
          <FieldNote key="nobody" tone="bad">
            {t('form.scopeNobody', { buckets: names.join(', ') })}
          </FieldNote>
        ),
      )}
    </>
  );
}

/** Takes a bucket that the person may not see, by its name. */
function OtherBucket(props: { onAdd: (name: string) => void }) {
  const { t } = useTranslationRef(rustfsTranslationRef);
  const [name, setName] = useState('');
  const add = () => {
    props.onAdd(name.trim());
    setName('');
  };
  return (
    <div className={styles.other}>
      <TextField
        className={styles.otherName}
        label={t('form.scopeOther')}
        size="small"
        autoComplete="off"
        spellCheck="false"
        value={name}
        onChange={setName}
      />
      <Button
        size="small"
        variant="secondary"
        isDisabled={!name.trim()}
        onPress={add}
      >
        {t('form.scopeAdd')}
      </Button>
    </div>
  );
}

/** Own buckets first; those of others under a heading that says what it takes. */
function toOptions({
  buckets,
  owner,
  ofOthers,
  named,
}: {
  buckets: BucketView[];
  owner: string | undefined;
  ofOthers: string;
  named: string[];
}) {
  const toOption = ({ name }: Pick<BucketView, 'name'>) => ({
    value: name,
    label: name,
  });
  const own = buckets.filter(bucket => bucket.owner === owner);
  const others = [
    ...buckets.filter(bucket => bucket.owner !== owner),
    ...named
      .filter(name => !buckets.some(bucket => bucket.name === name))
      .map(name => ({ name })),
  ];
  return [
    ...own.map(toOption),
    ...(others.length
      ? [{ title: ofOthers, options: others.map(toOption) }]
      : []),
  ];
}

/** The form field `RustfsAccessScope`. */
export const rustfsAccessScope = {
  name: 'RustfsAccessScope',
  component: RustfsAccessScope,
  validation: validateAccessScope,
  schema: makeFieldSchema({
    output: z =>
      z.object({
        type: z.enum(TYPES),
        buckets: z.array(z.string()).optional(),
        pattern: z.string().optional(),
        bucket: z.string().optional(),
        prefix: z.string().optional(),
      }),
  }),
};
