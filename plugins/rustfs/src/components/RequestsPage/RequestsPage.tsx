import { Route, Routes } from 'react-router-dom';
import { RequestDetail } from './RequestDetail';
import { RequestsOverview } from './RequestsOverview';

/** Requests: all that the person may see, and each on a page of its own. */
export function RequestsPage() {
  return (
    <Routes>
      <Route index element={<RequestsOverview />} />
      <Route path=":id" element={<RequestDetail />} />
    </Routes>
  );
}
