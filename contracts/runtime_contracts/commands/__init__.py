"""The commands of this package, each in a module; the command line of `mock-runtime` finds them by name."""
