export * from './DatabaseSettingsStore';
export * from './declaredSettings';
export * from './isSettledByPortal';
export * from './recordVersion';
export * from './settledWords';
export * from './SettingsStore';
export * from './SettingsTask';
