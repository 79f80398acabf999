import { mount } from 'svelte';
import App from './App.svelte';
import { i18n } from './lib/i18n/i18n.svelte.ts';
import { install } from './lib/install.svelte.ts';
import { match } from './lib/router.svelte.ts';
import { session } from './lib/session.svelte.ts';
import { routes } from './routes.ts';
import './styles/tokens.css';
import './styles/base.css';

// A newer build replaced the files of this one: start again with it.
addEventListener('vite:preloadError', (event) => {
  const tried = Number(sessionStorage.getItem('passapp.reloaded') ?? 0);
  if (!navigator.onLine || Date.now() - tried < 10_000) return;
  event.preventDefault();
  sessionStorage.setItem('passapp.reloaded', String(Date.now()));
  location.reload();
});

install.listen();
// The page and its words are on their way at the same time.
const here = match(routes, location.pathname)?.route;
void here?.load().catch(() => undefined);
await i18n.start(here?.first !== true);
void session.start();
mount(App, { target: document.getElementById('app') ?? document.body });

if (import.meta.env.PROD && 'serviceWorker' in navigator) {
  const register = async () => {
    const registration = await navigator.serviceWorker.register('/service-worker.js');
    // A door's phone stays open for days: look for a newer build when somebody takes it in hand.
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible' && navigator.onLine) void registration.update().catch(() => undefined);
    });
  };
  if (document.readyState === 'complete') void register();
  else addEventListener('load', register);
}
