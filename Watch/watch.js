// Fetches the page again as long as the training goes on, and exchanges the parts that have changed: the place one has scrolled to stays.
'use strict';
const running = () => document.querySelector('.status.running');
async function refresh() {
  try {
    const answer = await fetch('/', { cache: 'no-store' });
    const next = new DOMParser().parseFromString(await answer.text(), 'text/html');
    for (const part of next.querySelectorAll('header[id], section[id]')) {
      const old = document.getElementById(part.id);
      if (!old) { location.reload(); return; }
      if (old.outerHTML !== part.outerHTML) old.replaceWith(document.adoptNode(part));
    }
    document.title = next.title;
    document.body.classList.remove('gone');
  } catch {
    document.body.classList.add('gone');
  }
  if (running()) setTimeout(refresh, 2000);
}
setTimeout(refresh, 2000);
