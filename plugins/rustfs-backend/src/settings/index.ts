export * from './DatabaseSettingsStore';
export * from './isSettledByPortal';
export * from './recordVersion';
export * from './settledWords';
export * from './SettingsStore';
export * from './SettingsTask';
