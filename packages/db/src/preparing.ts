/**
 * The arguments of postgres.js' `unsafe`, so that what shall be prepared is: without values it would send the text as a simple
 * query, which is planned every time.
 */
export function preparing<Args extends readonly unknown[]>(args: Args): Args {
  const [text, values, options] = args as readonly unknown[]
  if (!isPrepared(options)) return args
  return [text, values, { ...options, simple: false }] as unknown as Args
}

const isPrepared = (options: unknown): options is { prepare: true } =>
  typeof options === 'object' && options !== null && 'prepare' in options && options.prepare === true
