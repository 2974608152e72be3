import {
  AccessState,
  AccessView,
  BucketState,
  RequestState,
  TenantState,
  TenantView,
} from '@rustfs-portal/plugin-rustfs-common';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  RiAlertLine,
  RiCheckboxCircleLine,
  RiCloseCircleLine,
  RiLoader4Line,
  RiQuestionLine,
  RiTimeLine,
} from '@remixicon/react';
import { ReactNode } from 'react';
import { isBlockedByOneItem } from '../../lib/nextSteps';
import { rustfsTranslationRef } from '../../translation';
import styles from './StateBadge.module.css';

type Tone = 'good' | 'busy' | 'warning' | 'bad' | 'neutral';

const ICONS: Record<Tone, ReactNode> = {
  good: <RiCheckboxCircleLine size={14} aria-hidden />,
  busy: <RiLoader4Line size={14} aria-hidden />,
  warning: <RiAlertLine size={14} aria-hidden />,
  bad: <RiCloseCircleLine size={14} aria-hidden />,
  neutral: <RiQuestionLine size={14} aria-hidden />,
};

/** A state in one word, with an icon and a colour of the same meaning. */
export function StateBadge(props: {
  tone: Tone;
  children: ReactNode;
  title?: string;
  icon?: ReactNode;
}) {
  const { tone, children, title, icon = ICONS[tone] } = props;
  return (
    <span className={styles.root} data-tone={tone} title={title}>
      {icon}
      {children}
    </span>
  );
}

const BUCKET_TONES: Record<BucketState, Tone> = {
  ready: 'good',
  pending: 'busy',
  failed: 'bad',
  missing: 'bad',
  undeclared: 'warning',
  unknown: 'neutral',
};

/** The state of a bucket. */
export function BucketStateBadge(props: { state: BucketState }) {
  const { t } = useTranslationRef(rustfsTranslationRef);
  return (
    <StateBadge
      tone={BUCKET_TONES[props.state]}
      title={t(`bucketStateHelp.${props.state}`)}
    >
      {t(`bucketState.${props.state}`)}
    </StateBadge>
  );
}

const ACCESS_TONES: Record<AccessState, Tone> = {
  ready: 'good',
  pending: 'busy',
  failed: 'bad',
  missing: 'bad',
  revoked: 'neutral',
  unknown: 'neutral',
};

/** The state of an access; one that is to end and has not yet says so. */
export function AccessStateBadge(props: {
  access: Pick<AccessView, 'state' | 'revokedAt'>;
}) {
  const { revokedAt, state } = props.access;
  const { t } = useTranslationRef(rustfsTranslationRef);
  const words = revokedAt && state === 'pending' ? ('ending' as const) : state;
  return (
    <StateBadge
      tone={ACCESS_TONES[state]}
      title={t(`accessStateHelp.${words}`)}
      icon={
        state === 'revoked' ? (
          <RiCloseCircleLine size={14} aria-hidden />
        ) : undefined
      }
    >
      {t(`accessState.${words}`)}
    </StateBadge>
  );
}

const TENANT_TONES: Record<TenantState, Tone> = {
  ready: 'good',
  reconciling: 'busy',
  degraded: 'warning',
  blocked: 'bad',
  unreachable: 'bad',
  unknown: 'neutral',
};

/** The state of a tenant. One thing that could not be made there is no alarm for all who use it. */
export function TenantStateBadge(props: {
  tenant: Pick<TenantView, 'state' | 'reason'>;
}) {
  const { tenant } = props;
  const { t } = useTranslationRef(rustfsTranslationRef);
  const isOneItem = isBlockedByOneItem(tenant);
  const words = isOneItem ? 'oneItemFailed' : tenant.state;
  return (
    <StateBadge
      tone={isOneItem ? 'warning' : TENANT_TONES[tenant.state]}
      title={t(`tenantStateHelp.${words}`)}
    >
      {t(`tenantState.${words}`)}
    </StateBadge>
  );
}

const REQUEST_TONES: Record<RequestState, Tone> = {
  submitting: 'busy',
  proposed: 'busy',
  merged: 'busy',
  applied: 'busy',
  ready: 'good',
  failed: 'bad',
  closed: 'neutral',
  withdrawn: 'neutral',
};

/** The state of a request; a second badge says that it does not move. */
export function RequestStateBadge(props: {
  state: RequestState;
  isStalled?: boolean;
}) {
  const { t } = useTranslationRef(rustfsTranslationRef);
  const { state, isStalled } = props;
  return (
    <>
      <StateBadge
        tone={REQUEST_TONES[state]}
        icon={
          state === 'closed' || state === 'withdrawn' ? (
            <RiCloseCircleLine size={14} aria-hidden />
          ) : undefined
        }
      >
        {t(`requestState.${state}`)}
      </StateBadge>
      {isStalled && (
        <StateBadge
          tone="warning"
          icon={<RiTimeLine size={14} aria-hidden />}
          title={t('trail.stalled')}
        >
          {t('requestState.stalled')}
        </StateBadge>
      )}
    </>
  );
}
