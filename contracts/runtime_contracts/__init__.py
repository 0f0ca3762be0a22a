"""The contract of the Qiskit Runtime REST API: its documents, and checks that hold servers and clients to them.

`documents` finds and loads the OpenAPI documents, `contract` judges single requests and responses, `server_fuzz` drives
a running server, `client_fuzz` drives a client library. Nothing is imported here, so that `documents` stays cheap.
"""
