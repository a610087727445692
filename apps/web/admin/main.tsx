import { createRoot } from 'react-dom/client';
import '@fontsource-variable/noto-sans-sc/index.css';
import '../shared/theme.css';
import './admin.css';
import { Languages } from '../shared/language.tsx';
import { AdminPage } from './admin-page.tsx';

const root = document.getElementById('page');
if (root !== null)
  createRoot(root).render(
    <Languages>
      <AdminPage />
    </Languages>,
  );
