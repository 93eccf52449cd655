/**
 * What `ChatHistory.toJSON()` of `@aibind/core` writes, by its format (PROTOCOL.md, "Conversations"): a question
 * that was asked in two ways, the second with an attachment, and an answer to the first.
 */
export const GOLDEN = [
  `{"version":1,"nodes":{`,
  `"7b0c1f8e-3f0e-4c62-9a53-0b8a3c1d2e4f":{"id":"7b0c1f8e-3f0e-4c62-9a53-0b8a3c1d2e4f","message":{"role":"user","content":"Wie geht's, Ren\u00e9e? \ud83d\ude00"},"parentId":null,"children":["a1"],"metadata":{},"createdAt":"2026-01-02T03:04:05.678Z"},`,
  `"a1":{"id":"a1","message":{"role":"assistant","content":"Gut.\\n\\t\\"Danke\\" \\u0000\\\\"},"parentId":"7b0c1f8e-3f0e-4c62-9a53-0b8a3c1d2e4f","children":[],"metadata":{"model":"gpt-5","usage":{"tokens":12}},"createdAt":"2026-01-02T03:04:06.000Z"},`,
  `"b2":{"id":"b2","message":{"role":"user","content":"","attachments":[{"mimeType":"image/png","data":"iVBORw0KGgo="}]},"parentId":null,"children":[],"metadata":{},"createdAt":"2026-01-02T03:04:07.100Z"}`,
  `},"rootIds":["7b0c1f8e-3f0e-4c62-9a53-0b8a3c1d2e4f","b2"],"activeLeafId":"a1"}`,
].join("");
