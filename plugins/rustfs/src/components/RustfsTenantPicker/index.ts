export * from './RustfsTenantPicker';
