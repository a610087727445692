import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createRoot } from 'react-dom/client';
import '@fontsource-variable/noto-sans-sc/index.css';
import '../shared/theme.css';
import './window.css';
import './desk.css';
import { Languages } from '../shared/language.tsx';
import { stateWords } from './state-words.ts';
import { WindowPage } from './window-page.tsx';
import { words } from './words.ts';

// Queries hold the catalogue and public texts of the log; no data of a person pass through them.
const queries = new QueryClient({
  defaultOptions: {
    queries: {
      retry: 2,
      refetchOnWindowFocus: false,
      networkMode: 'always',
      refetchOnReconnect: true,
    },
  },
});

// All letters of the page now: a browser loads a font in parts, and without the network the parts
// of a text that was not shown before would be missing.
void document.fonts.load('16px "Noto Sans SC Variable"', textOf({ words, stateWords }));

function textOf(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Object.values(value).map(textOf).join('');
  return typeof value === 'function' || typeof value === 'string' ? String(value) : '';
}

const root = document.getElementById('page');
if (root !== null)
  createRoot(root).render(
    <QueryClientProvider client={queries}>
      <Languages>
        <WindowPage />
      </Languages>
    </QueryClientProvider>,
  );
