// What the pages do beyond plain HTML: keep themselves up to date, copy a link, take a token out of the address.
// Every page works without it.

let refreshes = 0;

readInvitation();
addEventListener('hashchange', readInvitation);
dropNotice();
closeMenus();
dress(document);
if (document.body.dataset.streams === 'on') listen();

/**
 * The token stands in the fragment, which no server sees: it is taken out of the address and sent in a form. In a form of
 * its own, for the page of another link has none to paste into.
 */
function readInvitation() {
  const token = location.hash.slice(1);
  if (location.pathname !== '/join' || token === '') return;
  history.replaceState(null, '', location.pathname);
  const form = document.createElement('form');
  form.method = 'post';
  form.action = '/join';
  form.hidden = true;
  const field = document.createElement('input');
  field.name = 'link';
  field.value = token;
  form.append(field);
  document.body.append(form);
  form.submit();
}

/** A notice is said once: who reloads the page has read it. */
function dropNotice() {
  const url = new URL(location.href);
  if (!url.searchParams.has('notice')) return;
  url.searchParams.delete('notice');
  history.replaceState(null, '', url.pathname + url.search);
}

/** A menu closes by Escape, and by a click or a tab out of it, as people know it. */
function closeMenus() {
  const open = () => document.querySelectorAll('details.menu[open]');
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    for (const menu of open()) {
      menu.open = false;
      menu.querySelector('summary').focus();
    }
  });
  for (const type of ['click', 'focusin']) {
    document.addEventListener(type, (event) => {
      for (const menu of open()) if (!menu.contains(event.target)) menu.open = false;
    });
  }
}

/** What only makes sense with a script, and what it knows better: the reader's own time. */
function dress(root) {
  const format = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
  for (const time of root.querySelectorAll('time[datetime]')) {
    time.title = time.dateTime;
    time.textContent = format.format(new Date(time.dateTime));
  }
  for (const button of root.querySelectorAll('button[data-copy]')) {
    button.hidden = false;
    button.onclick = () => void copy(button);
  }
}

async function copy(button) {
  const input = document.getElementById(button.dataset.copy);
  input.select();
  try {
    await navigator.clipboard.writeText(input.value);
    say('The link is copied.');
    button.textContent = 'Copied';
  } catch {
    // not allowed, or no https: it is selected, so the keyboard can copy it
    say('The link is selected: copy it with the keyboard.');
  }
}

/** Politely, and again if it is the same sentence. */
function say(sentence) {
  const said = document.querySelector('#said');
  said.textContent = '';
  setTimeout(() => {
    said.textContent = sentence;
  }, 50);
}

/** Hears that something changed; a page that nobody looks at listens to nothing, for a browser has few connections. */
function listen() {
  let source = null;
  let wasOpen = false;
  let waiting = 0;

  const changed = () => {
    clearTimeout(waiting);
    // one command may change several things
    waiting = setTimeout(() => void refresh(), 100);
  };
  const connect = () => {
    if (source !== null || document.hidden) return;
    source = new EventSource('/live');
    source.addEventListener('changed', changed);
    source.addEventListener('open', () => {
      // What happened since the page was made, or since the last stream, was not heard. A page that only asks would ask
      // at once, for nothing.
      if (wasOpen || document.body.dataset.live === 'on') changed();
      wasOpen = true;
    });
    source.addEventListener('error', () => {
      if (source === null || source.readyState !== EventSource.CLOSED) return;
      // refused: too many pages are open, or nobody is signed in any more
      source = null;
      setTimeout(connect, 15_000);
      changed();
    });
  };
  const disconnect = () => {
    source?.close();
    source = null;
  };
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) disconnect();
    else connect();
  });
  addEventListener('pagehide', disconnect);
  addEventListener('pageshow', connect);
  connect();
}

/** Fetches the page again and puts what is new in place of what was; an answer that was overtaken is let go. */
async function refresh() {
  const mine = ++refreshes;
  const { live } = document.body.dataset;
  if (live === 'off') return;
  if (live === 'ask') {
    askToRefresh(document.querySelector('#main').firstElementChild);
    return;
  }
  let response;
  try {
    response = await fetch(location.href, { headers: { accept: 'text/html' } });
  } catch {
    return; // the server is away: the stream comes back, and with it the next try
  }
  if (response.status === 404) location.assign('/?notice=gone');
  else if (response.redirected) location.assign(response.url);
  else if (response.status === 403) location.reload();
  if (!response.ok || response.redirected) return;
  const text = await response.text();
  if (mine !== refreshes) return;
  const fresh = new DOMParser().parseFromString(text, 'text/html');
  dress(fresh);
  // whether something is open is the reader's
  for (const { id } of document.querySelectorAll('details[open]'))
    fresh.getElementById(id)?.setAttribute('open', '');
  // what was said stays until the page is left, though its address does not ask for it any more
  const notice = document.querySelector('#main > .notice');
  if (notice !== null) fresh.getElementById('main')?.prepend(fresh.importNode(notice, true));
  let isChanged = false;
  for (const id of ['bar', 'main']) {
    const [from, to] = [document.getElementById(id), fresh.getElementById(id)];
    if (from.isEqualNode(to)) continue;
    isChanged = true;
    morph(from, to);
  }
  if (!isChanged) return;
  document.title = fresh.title;
  dress(document);
  say('This page was updated.');
}

/**
 * Makes one element like another by changing what differs, so that focus, scroll position and open menus stay. A form
 * that somebody is at is left alone, and says so.
 */
function morph(from, to) {
  if (from.isEqualNode(to)) return;
  if (isInUse(from)) {
    askToRefresh(from);
    return;
  }
  for (const { name } of [...from.attributes]) if (!to.hasAttribute(name)) from.removeAttribute(name);
  for (const { name, value } of to.attributes) {
    if (from.getAttribute(name) !== value) from.setAttribute(name, value);
  }
  morphChildren(from, to);
}

function morphChildren(from, to) {
  for (const line of from.querySelectorAll(':scope > .changed')) line.remove();
  const known = new Map();
  for (const child of from.children) if (keyOf(child) !== null) known.set(keyOf(child), child);
  let at = from.firstChild;
  for (const wanted of [...to.childNodes]) {
    const key = keyOf(wanted);
    const match = key === null ? (isLike(at, wanted) ? at : null) : (known.get(key) ?? null);
    if (match === null) {
      from.insertBefore(document.importNode(wanted, true), at);
      continue;
    }
    if (match === at) at = at.nextSibling;
    else from.insertBefore(match, at);
    if (match instanceof Element) morph(match, wanted);
    else if (match.nodeValue !== wanted.nodeValue) match.nodeValue = wanted.nodeValue;
  }
  while (at !== null) {
    const next = at.nextSibling;
    // what somebody is typing into stays, though the page would not have it any more
    if (at instanceof Element && (isInUse(at) || at.querySelector('form:focus-within') !== null))
      askToRefresh(at);
    else at.remove();
    at = next;
  }
}

/** By which an element is known again wherever it stands. */
function keyOf(node) {
  if (!(node instanceof Element)) return null;
  if (node.dataset.key !== undefined) return node.dataset.key;
  if (node.id !== '') return node.id;
  return node instanceof HTMLFormElement ? node.getAttribute('action') : null;
}

function isLike(node, wanted) {
  return node !== null && node.nodeName === wanted.nodeName && keyOf(node) === null;
}

/** A form that has the focus, or in which something was typed or chosen. */
function isInUse(element) {
  if (!(element instanceof HTMLFormElement)) return false;
  if (element.matches(':focus-within') && document.activeElement?.matches('input, select, textarea'))
    return true;
  return [...element.elements].some((control) => {
    if (control instanceof HTMLSelectElement) {
      const byDefault = [...control.options].findIndex((option) => option.defaultSelected);
      return control.selectedIndex !== Math.max(0, byDefault);
    }
    if (!(control instanceof HTMLInputElement)) return false;
    return control.value !== control.defaultValue || control.checked !== control.defaultChecked;
  });
}

/** Instead of taking away what somebody is at. */
function askToRefresh(element) {
  if (element.parentElement.querySelector(':scope > .changed') !== null) return;
  const line = document.createElement('p');
  line.className = 'changed';
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = 'Refresh';
  button.onclick = () => location.assign(location.pathname + location.search);
  line.append('Something changed. ', button);
  element.before(line);
  say('Something changed on this page. It is not refreshed while you fill in a form.');
}
