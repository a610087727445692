import { Load, type Order } from './load.js';
import type { Scene } from './scene.js';

/** The load generator: a process of its own, told by its parent what to do. */

export type Told = { readonly scene: Scene } | { readonly order: Order };

let load: Load | undefined;
process.on('message', (told: Told) => {
  if ('scene' in told) {
    load?.close();
    load = new Load(told.scene);
    process.send?.('ready');
    return;
  }
  void load?.run(told.order).then((done) => process.send?.(done));
});
process.on('disconnect', () => {
  process.exit();
});
