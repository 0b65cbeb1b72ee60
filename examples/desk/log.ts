// What is said of something that went wrong: enough to find it, and nothing that anybody typed into a form.

/** The error and those behind it, by name, code and message, in one line. */
export function reasonInOneLine(error: unknown): string {
  const texts: string[] = [];
  let each = error;
  while (each instanceof Error && texts.length < 5) {
    const code = 'code' in each && typeof each.code === 'string' ? ` ${each.code}` : '';
    texts.push(`${each.name}${code}: ${each.message.replace(/\s+/g, ' ')}`);
    each = each.cause;
  }
  return texts.join(' <- ') || 'something that is no error was thrown';
}
