export * from './DatabaseSettingsStore';
export * from './recordVersion';
export * from './settingsHostOf';
export * from './settledWords';
export * from './SettingsStore';
export * from './SettingsTask';
