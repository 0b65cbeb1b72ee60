// Progressive enhancement of the pages: live updates, copying a link, reading the token of an invitation link. Every
// page works without this script.

let refreshes = 0;

readInvitation();
addEventListener('hashchange', readInvitation);
dropNotice();
closeMenus();
dress(document);
if (document.body.dataset.streams === 'on') listen();

/**
 * The token is in the fragment, which browsers do not send: this removes it from the address and posts it in a form. It
 * creates that form, because the page of another link has none.
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

/** Removes the notice from the address, so that a reload does not show it again. */
function dropNotice() {
  const url = new URL(location.href);
  if (!url.searchParams.has('notice')) return;
  url.searchParams.delete('notice');
  history.replaceState(null, '', url.pathname + url.search);
}

/** Closes a menu on Escape, on a click outside, and when the focus leaves it. */
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

/** Adds what needs a script: times in the reader's time zone, and buttons to copy. */
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
    say('Link copied.');
    button.textContent = 'Copied';
  } catch {
    // not allowed, or no https: the text is selected, so the keyboard can copy it
    say('The link is selected. Copy it with the keyboard.');
  }
}

/** Announces a sentence politely. It clears the element first, so that the same sentence is announced again. */
function say(sentence) {
  const said = document.querySelector('#said');
  said.textContent = '';
  setTimeout(() => {
    said.textContent = sentence;
  }, 50);
}

/** Listens for changes while the page is visible. Browsers allow few connections, so a hidden page closes its own. */
function listen() {
  let source = null;
  let wasOpen = false;
  let waiting = 0;

  const changed = () => {
    clearTimeout(waiting);
    // one command can change several things
    waiting = setTimeout(() => void refresh(), 100);
  };
  const connect = () => {
    if (source !== null || document.hidden) return;
    source = new EventSource('/live');
    source.addEventListener('changed', changed);
    source.addEventListener('open', () => {
      // Changes before the stream opened were missed. A page that only asks to refresh would ask immediately, without
      // need.
      if (wasOpen || document.body.dataset.live === 'on') changed();
      wasOpen = true;
    });
    source.addEventListener('error', () => {
      if (source === null || source.readyState !== EventSource.CLOSED) return;
      // refused: too many pages are open, or the visitor is signed out
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

/** Fetches the page again and applies the differences. Ignores a response that a newer one has overtaken. */
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
    return; // the server is down: the stream reconnects, and then this runs again
  }
  if (response.status === 404) location.assign('/?notice=gone');
  else if (response.redirected) location.assign(response.url);
  else if (response.status === 403) location.reload();
  if (!response.ok || response.redirected) return;
  const text = await response.text();
  if (mine !== refreshes) return;
  const fresh = new DOMParser().parseFromString(text, 'text/html');
  dress(fresh);
  // keep menus and disclosures open
  for (const { id } of document.querySelectorAll('details[open]'))
    fresh.getElementById(id)?.setAttribute('open', '');
  // keep the notice, although the address no longer names it
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
 * Changes one element into another in place, so that focus, scroll position and open menus stay. A form in use is left
 * alone and shows a notice instead.
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
    // keep a form in use, although the new page does not have it
    if (at instanceof Element && (isInUse(at) || at.querySelector('form:focus-within') !== null))
      askToRefresh(at);
    else at.remove();
    at = next;
  }
}

/** Identifies an element when it has moved. */
function keyOf(node) {
  if (!(node instanceof Element)) return null;
  if (node.dataset.key !== undefined) return node.dataset.key;
  if (node.id !== '') return node.id;
  return node instanceof HTMLFormElement ? node.getAttribute('action') : null;
}

function isLike(node, wanted) {
  return node !== null && node.nodeName === wanted.nodeName && keyOf(node) === null;
}

/** A form that has the focus or unsaved input. */
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

/** Shows a notice with a refresh button instead of replacing the element. */
function askToRefresh(element) {
  if (element.parentElement.querySelector(':scope > .changed') !== null) return;
  const line = document.createElement('p');
  line.className = 'changed';
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = 'Refresh';
  button.onclick = () => location.assign(location.pathname + location.search);
  line.append('This page has changed. ', button);
  element.before(line);
  say('This page has changed. It does not refresh while you fill in a form.');
}
