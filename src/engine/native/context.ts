// What a layer knows beside its weights, with the mask where TensorFlow keeps it.
import type { LayerContext } from '../layer';
import type { Handle } from './binding';

export type NativeContext = Omit<LayerContext, 'mask'> & { mask?: Handle };
