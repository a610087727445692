import { createRoot } from 'react-dom/client';
import '../shared/theme.css';
import './phone.css';
import { Languages } from '../shared/language.tsx';
import { registerWorker } from '../shared/pages-worker/register.ts';
import { App } from './app.tsx';
import { isOnline } from './online.ts';

if (isOnline) {
  document.documentElement.dataset['at'] = 'desk';
  document.title = '免证 · 网上办事';
}
const root = document.getElementById('page');
if (root !== null)
  createRoot(root).render(
    <Languages>
      <App />
    </Languages>,
  );
// Its scope is the phone's address, so that a desk's page has no use for it.
if (!isOnline) registerWorker('phone', ['/phone']);
