import { createRoot } from 'react-dom/client';
import '@fontsource-variable/noto-sans-sc/index.css';
import '../shared/theme.css';
import './display.css';
import { Languages } from '../shared/language.tsx';
import { DisplayPage } from './display-page.tsx';

const root = document.getElementById('page');
if (root !== null)
  createRoot(root).render(
    <Languages keptAs="display-language">
      <DisplayPage />
    </Languages>,
  );
