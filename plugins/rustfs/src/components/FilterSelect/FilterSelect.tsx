import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Select } from '@backstage/ui';
import { rustfsTranslationRef } from '../../translation';
import styles from './FilterSelect.module.css';

/** Stands for a filter that leaves nothing out. */
export const ALL = 'all';

/** Narrows a list by one thing; the first choice narrows nothing. */
export function FilterSelect(props: {
  label: string;
  value: string | undefined;
  /** Undefined: nothing is left out. */
  onChange: (value: string | undefined) => void;
  options: Array<{ value: string; label: string }>;
}) {
  const { label, value, onChange, options } = props;
  const { t } = useTranslationRef(rustfsTranslationRef);
  return (
    <Select
      className={styles.select}
      size="small"
      aria-label={label}
      value={value ?? ALL}
      onChange={key => onChange(key === ALL ? undefined : String(key))}
      options={[
        { value: ALL, label: `${label}: ${t('common.all')}` },
        ...options,
      ]}
    />
  );
}
