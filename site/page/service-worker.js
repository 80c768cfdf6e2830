// Before JupyterLite's own service worker: the headers that let threads share memory, for hosts that cannot send them.
const fetchAsIs = self.fetch.bind(self);
self.fetch = async (...request) => {
  const response = await fetchAsIs(...request);
  if (response.status === 0 || response.type === 'opaque') return response;
  const headers = new Headers(response.headers);
  headers.set('cross-origin-opener-policy', 'same-origin');
  headers.set('cross-origin-embedder-policy', 'require-corp');
  const body = [101, 204, 205, 304].includes(response.status) ? null : response.body;
  return new Response(body, { status: response.status, statusText: response.statusText, headers });
};
