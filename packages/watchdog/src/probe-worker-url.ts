/** Where the thread's own module is: beside this one, whether that is a source or what is built of it. */
export function probeWorkerUrl(): URL {
  const here = import.meta.url;
  return new URL(`./probe-worker${here.slice(here.lastIndexOf("."))}`, here);
}
