// The door of apps/node/http: the server and what it is given.
export type { HttpOptions, Listening } from './server.ts'
export { HttpServer, openHttp } from './server.ts'
export type { Bounds, Observer, Served, ServedHost, Statement } from './served.ts'
export { defaultBounds } from './served.ts'
export type { Route } from './routes.ts'
export { matchRoute, routes } from './routes.ts'
export { isLocal } from './callers.ts'
