/** One event of a stream of server-sent events. */
export interface StreamEvent {
  readonly id: string | null;
  readonly name: string;
  readonly data: string;
}

/**
 * Reads server-sent events (WHATWG HTML §9.2.6) until the stream ends. Everything that arrives, comments included, is
 * a sign of life.
 *
 * @throws what the connection throws; `silent` aborts it through the caller's signal.
 */
export async function readEvents(
  body: ReadableStream<Uint8Array>,
  handlers: { onAlive(): void; onEvent(event: StreamEvent): void },
): Promise<void> {
  let pending = '';
  let id: string | null = null;
  let name = 'message';
  let data: string[] = [];
  const decoder = new TextDecoder();
  for await (const chunk of body) {
    handlers.onAlive();
    const lines = (pending + decoder.decode(chunk, { stream: true })).split(/\r\n|\n|\r/);
    pending = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0) handlers.onEvent({ id, name, data: data.join('\n') });
        [name, data] = ['message', []];
        continue;
      }
      const colon = line.indexOf(':');
      const field = colon === -1 ? line : line.slice(0, colon);
      const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
      if (field === 'id') id = value;
      if (field === 'event') name = value;
      if (field === 'data') data.push(value);
    }
  }
}
