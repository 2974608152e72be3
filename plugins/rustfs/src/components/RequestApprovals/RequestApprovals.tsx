import {
  identityApiRef,
  useApi,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import {
  IgnoredApproval,
  MissingApproval,
  StorageRequest,
} from '@rustfs-portal/plugin-rustfs-common';
import { useEffect, useState } from 'react';
import { rustfsTranslationRef } from '../../translation';
import { EntityLink } from '../EntityLink';
import styles from './RequestApprovals.module.css';

const IGNORED = {
  asked: 'approvals.ignoredAsked',
  'not-a-member': 'approvals.ignoredOther',
  'read-only': 'approvals.ignoredReadOnly',
  unmatched: 'approvals.ignoredUnmatched',
} as const;

/** What an open request lacks before it may be merged, and from whom. */
export function RequestApprovals(props: { request: StorageRequest }) {
  const { policy, requestedBy, state } = props.request;
  const { t } = useTranslationRef(rustfsTranslationRef);
  const self = useSelf();
  if (state !== 'proposed' || !policy) {
    return null;
  }
  if (policy.isTrusted) {
    return <p>{t('approvals.trusted')}</p>;
  }
  const ignored = unique(
    policy.missing.flatMap(missing =>
      'ignored' in missing ? missing.ignored : [],
    ),
  );
  if (!policy.missing.length) {
    return null;
  }
  return (
    <ul className={styles.root} aria-label={t('approvals.label')}>
      {policy.missing.map((missing, index) => (
        <li key={index}>
          <Missing
            missing={missing}
            // Who asked has no say here, in whichever team.
            isOfReader={isNeededFrom(
              missing,
              self?.user === requestedBy ? undefined : self,
            )}
          />
        </li>
      ))}
      {ignored.map(({ login, reason }) => (
        <li key={login}>{t(IGNORED[reason], { login })}</li>
      ))}
    </ul>
  );
}

function Missing(props: { missing: MissingApproval; isOfReader: boolean }) {
  const { isOfReader, missing } = props;
  const { t } = useTranslationRef(rustfsTranslationRef);
  if (missing.type === 'guardrails') {
    return (
      <>{t('approvals.guardrails', { reasons: missing.reasons.join('; ') })}</>
    );
  }
  if (missing.type === 'commit') {
    return <>{t('approvals.commit', { commit: missing.commit.slice(0, 7) })}</>;
  }
  if (missing.type === 'anybody') {
    return <>{t('approvals.anybody')}</>;
  }
  const buckets = missing.buckets.join(', ');
  if (isOfReader) {
    return <strong>{t('approvals.yours', { buckets })}</strong>;
  }
  const owner = <EntityLink entityRef={missing.owner} />;
  return buckets
    ? t('approvals.ownerOf', { owner, buckets })
    : t('approvals.owner', { owner });
}

/** Once per account: what keeps it from counting at all is said rather than for whom it is no help. */
function unique(ignored: IgnoredApproval[]): IgnoredApproval[] {
  const byLogin = new Map<string, IgnoredApproval>();
  for (const one of ignored) {
    const known = byLogin.get(one.login);
    if (!known || known.reason === 'not-a-member') {
      byLogin.set(one.login, one);
    }
  }
  // Who is not of the team that is missing has done his part.
  return [...byLogin.values()].filter(
    ({ reason }) => reason !== 'not-a-member',
  );
}

interface Self {
  user: string;
  refs: string[];
}

/** Who looks, with the teams; undefined while it is not known. */
function useSelf(): Self | undefined {
  const identityApi = useApi(identityApiRef);
  const [self, setSelf] = useState<Self>();
  useEffect(() => {
    let isOver = false;
    identityApi.getBackstageIdentity().then(
      ({ ownershipEntityRefs, userEntityRef }) =>
        !isOver &&
        setSelf({
          user: userEntityRef.toLocaleLowerCase('en-US'),
          refs: [userEntityRef, ...ownershipEntityRefs].map(ref =>
            ref.toLocaleLowerCase('en-US'),
          ),
        }),
      () => undefined,
    );
    return () => {
      isOver = true;
    };
  }, [identityApi]);
  return self;
}

function isNeededFrom(missing: MissingApproval, self: Self | undefined) {
  return (
    missing.type === 'owner' &&
    Boolean(self?.refs.includes(missing.owner.toLocaleLowerCase('en-US')))
  );
}
