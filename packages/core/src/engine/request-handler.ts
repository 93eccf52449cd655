/** What a platform can do for a handler, beyond the request. */
export interface RequestContext {
  /** Asks the platform to keep running until the promise settles, where it would otherwise stop with the response. */
  waitUntil?: ((work: Promise<unknown>) => void) | undefined;
}

/** What a handler package makes and a framework's glue mounts. */
export interface RequestHandler {
  (request: Request, context?: RequestContext): Promise<Response>;
  /** The path below which the handler answers; everything else is the application's. */
  readonly prefix: string;
}
