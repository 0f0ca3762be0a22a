"""Answers for a client in any language: valid ones unlike any usual one, and broken ones that have a name.

`answers.Answers` gives them by number, `watching.RequestWatch` holds the requests to the document. A server puts both
on a socket: `mock-runtime serve --answers generated`.
"""
