import './fragment.ts';
import { createRoot } from 'react-dom/client';
import '../shared/theme.css';
import './verify.css';
import { Languages } from '../shared/language.tsx';
import { registerWorker } from '../shared/pages-worker/register.ts';
import { App } from './app.tsx';
import { isOneFile } from './one-file.ts';

const root = document.getElementById('page');
if (root !== null)
  createRoot(root).render(
    <Languages>
      <App />
    </Languages>,
  );
// A printed code opens /p: the same page, which has to open without network, too.
if (!isOneFile) registerWorker('verify', ['/verify', '/p']);
