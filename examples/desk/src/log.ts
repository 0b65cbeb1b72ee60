// Error messages for the log: enough to find the cause, without any form input.

/** The message of an error in one line. An AggregateError of several addresses has no message, only a code. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? String(error.code) : error.name;
  return (error.message || code).replace(/\s*\n\s*/g, ' ');
}

/** The error and its causes, by name, code and message, in one line. */
export function reasonInOneLine(error: unknown): string {
  const texts: string[] = [];
  let each = error;
  while (each instanceof Error && texts.length < 5) {
    const code = 'code' in each && typeof each.code === 'string' ? ` ${each.code}` : '';
    texts.push(`${each.name}${code}: ${each.message}`);
    each = each.cause;
  }
  return inOneLine(texts.join(' <- ')) || 'something that is no error was thrown';
}

/**
 * The request and the cause of its failure. The path holds ids and never a token. It stays percent-encoded, because a
 * decoded path could contain a forged log line.
 */
export function failureInOneLine({ method, url }: Request, error: unknown): string {
  return inOneLine(`${method} ${new URL(url).pathname}: ${reasonInOneLine(error)}`);
}

/** Replaces line breaks, terminal control characters and invisible characters. */
function inOneLine(text: string): string {
  return text.replace(/[\s\p{C}]+/gu, ' ');
}
