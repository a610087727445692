import { createRoot } from 'react-dom/client';
import '../shared/theme.css';
import './phone.css';
import { Languages } from '../shared/language.tsx';
import { App } from './app.tsx';
import { registerWorker } from './register-worker.ts';

const root = document.getElementById('page');
if (root !== null)
  createRoot(root).render(
    <Languages>
      <App />
    </Languages>,
  );
registerWorker();
