// What is said of something that went wrong: enough to find it, and nothing that anybody typed into a form.

/** The error and those behind it, by name, code and message, in one line. */
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
 * What failed, and why. The path has ids in it, and no more: a token is never part of it. As it was sent, for decoded it
 * could hold a line of somebody else's making.
 */
export function failureInOneLine({ method, url }: Request, error: unknown): string {
  return inOneLine(`${method} ${new URL(url).pathname}: ${reasonInOneLine(error)}`);
}

/** Without what ends a line, moves the cursor of a terminal, or cannot be seen. */
function inOneLine(text: string): string {
  return text.replace(/[\s\p{C}]+/gu, ' ');
}
