"""HTTP: routes, answers, errors, headers and the server. The only room that knows Flask."""
