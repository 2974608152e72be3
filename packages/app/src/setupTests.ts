import '@testing-library/jest-dom';
import { configure } from '@testing-library/react';

// The first rendering of a page loads its code, which takes a while on a busy machine.
configure({ asyncUtilTimeout: 10_000 });
