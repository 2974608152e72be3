import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { StorageRequest } from '@rustfs-portal/plugin-rustfs-common';
import { rustfsTranslationRef } from '../../translation';
import { Muted } from '../Muted';

/** Which of its pull requests a request is at, where it takes more than one. */
export function StageNote(props: {
  request: Pick<StorageRequest, 'stage' | 'stages'>;
}) {
  const { stage, stages } = props.request;
  const { t } = useTranslationRef(rustfsTranslationRef);
  return stages > 1 ? (
    <Muted as="span" variant="body-small">
      {t('trail.stageNote', { stage: String(stage), stages: String(stages) })}
    </Muted>
  ) : null;
}
