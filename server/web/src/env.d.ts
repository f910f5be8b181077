declare module '*?url' {
  const address: string;
  export default address;
}
declare module '*.css';
// The build of MapLibre for pages that forbid scripts made on the fly: its worker is a file of its own.
declare module 'maplibre-gl/dist/maplibre-gl-csp.js' {
  import * as maplibregl from 'maplibre-gl';
  export default maplibregl;
}
