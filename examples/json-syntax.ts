// Finds the position of a JSON syntax error. JSON.parse reports one only on some versions of Node.

/** The position of the first syntax error, counted from 1, and what was expected there. */
export interface SyntaxProblem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

const SPACE = /[ \t\r\n]*/y;
const STRING = /"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y;
const SCALAR = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/y;
const END = /$/y;

/** Returns `null` if the text is valid JSON. */
export function syntaxProblem(text: string): SyntaxProblem | null {
  let at = 0;

  try {
    value();
    expect(END, 'the end of the file');
    return null;
  } catch (error) {
    if (!(error instanceof Expected)) throw error;
    const before = text.slice(0, at).split('\n');
    const column = (before.at(-1) ?? '').length + 1;
    return { line: before.length, column, message: messageOf(error) };
  }

  function value(): void {
    if (take(/\{/y)) {
      if (take(/\}/y)) return;
      do {
        expect(STRING, 'a name in double quotes');
        expect(/:/y, "':'");
        value();
      } while (take(/,/y));
      expect(/\}/y, "',' or '}'");
    } else if (take(/\[/y)) {
      if (take(/\]/y)) return;
      do value();
      while (take(/,/y));
      expect(/\]/y, "',' or ']'");
    } else if (!take(STRING)) {
      expect(SCALAR, 'a value');
    }
  }

  function expect(pattern: RegExp, what: string): void {
    if (!take(pattern)) throw new Expected(what);
  }

  function take(pattern: RegExp): boolean {
    SPACE.lastIndex = at;
    at += SPACE.exec(text)?.[0].length ?? 0;
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    at += found?.length ?? 0;
    return found !== undefined;
  }

  function messageOf({ message }: Expected): string {
    if (at === text.length) return `the file ends, but ${message} is expected`;
    if (text[at] === '"' && !message.startsWith("'"))
      return 'this string is not closed or has an invalid escape';
    return `${message} is expected here`;
  }
}

class Expected extends Error {}
