import { createRoot } from 'react-dom/client';
import '../shared/theme.css';
import { Languages } from '../shared/language.tsx';
import { StartPage } from './start-page.tsx';

const root = document.getElementById('page');
if (root !== null)
  createRoot(root).render(
    <Languages>
      <StartPage />
    </Languages>,
  );
