// The playground's worker. The page sends the addresses of the module that it runs itself; here the same module is
// loaded once more, out of the browser's cache, without its pages: `serve_engine` loads the engine's chunk and takes
// over from here. The policy that this script comes with allows nothing but the hub's own files.
self.onmessage = async ({ data: [script, module] }) => {
  try {
    const frontend = await import(script);
    await frontend.default({ module_or_path: module });
    frontend.serve_engine();
  } catch (error) {
    postMessage(JSON.stringify({ failed: String(error) }));
  }
};
