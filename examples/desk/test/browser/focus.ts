// The keyboard focus on a page.
import type { Person } from './person.js';

export interface Focus {
  /** The label of the focused element, roughly as a screen reader says it. Empty if nothing has the focus. */
  readonly name: string;
  /** Whether it has an outline and nothing covers it. */
  readonly isSeen: boolean;
}

export async function focusOf({ page }: Person): Promise<Focus> {
  return page.evaluate<Focus>(`(() => {
    ${NAME_OF}
    const element = document.activeElement;
    if (element === null || element === document.body) return { name: '', isSeen: false };
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    const { left, top, width, height } = element.getBoundingClientRect();
    const above = document.elementFromPoint(left + width / 2, top + height / 2);
    const isOnTop = above !== null && (element.contains(above) || above.contains(element));
    return { name: nameOf(element), isSeen: outlineStyle !== 'none' && outlineWidth !== '0px' && isOnTop };
  })()`);
}

/** The names of all elements that Tab should reach, in page order. */
export async function controlsOf({ page }: Person): Promise<readonly string[]> {
  return page.evaluate<string[]>(`(() => {
    ${NAME_OF}
    return [...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
      .filter((element) => element.type !== 'hidden' && element.checkVisibility())
      .map(nameOf);
  })()`);
}

/** Presses Tab until the focus returns to the start. */
export async function walkByTab(person: Person): Promise<readonly Focus[]> {
  const stops: Focus[] = [];
  for (;;) {
    await person.page.keyboard.press('Tab');
    const focus = await focusOf(person);
    // after the last control the focus leaves the page
    if (focus.name === '') return stops;
    stops.push(focus);
  }
}

const NAME_OF = `const nameOf = (element) =>
  (element.getAttribute('aria-label') ?? element.labels?.[0]?.textContent ?? element.textContent).trim();`;
