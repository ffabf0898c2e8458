/** Node's HTTP module. An `import` of it also reads its `WebSocket`, and so loads a whole client: 40 ms of every start. */
export const http = process.getBuiltinModule('node:http');
