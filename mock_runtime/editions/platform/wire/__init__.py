"""What goes over the wire in the API of today, a module for each kind of thing."""
